"""The queue of threads that notes when a waiting thread was notified, with real threads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from itertools import groupby
from time import perf_counter_ns, sleep

import pytest

from pconc_tui.protocol.block import BLOCKED, Block, State, transitions, unpack
from pconc_tui.worker.thread_queue import MutexWait, MutexWaits, NotedCondition, ThreadQueue
from pconc_tui.worker.worker import Worker


def test_a_thread_that_waits_for_an_item_knows_when_it_was_notified() -> None:
    items = ThreadQueue(1)
    found: list[object] = []

    def consume() -> None:
        found.extend([items.get(), items.not_empty.notified_ns(), items.not_empty.notified_ns()])

    thread = threading.Thread(target=consume)
    thread.start()
    while not items.not_empty._threads:
        sleep(0.001)
    before_ns = perf_counter_ns()
    items.put("item")
    after_ns = perf_counter_ns()
    thread.join()
    item, notified_ns, later_ns = found
    assert item == "item"
    assert isinstance(notified_ns, int)
    assert before_ns < notified_ns < after_ns
    assert later_ns is None


def test_the_first_notification_counts_where_another_thread_was_faster() -> None:
    condition = NotedCondition(threading.Lock(), MutexWaits())
    found: list[tuple[int, int | None]] = []

    def wait_twice() -> None:
        with condition:
            condition.wait()
            between_ns = perf_counter_ns()
            condition.wait()
        found.append((between_ns, condition.notified_ns()))

    thread = threading.Thread(target=wait_twice)
    thread.start()
    while not found:
        with condition:
            condition.notify()
        sleep(0.001)
    thread.join()
    between_ns, notified_ns = found[0]
    assert notified_ns is not None
    assert notified_ns < between_ns


def test_a_wait_that_times_out_leaves_nothing() -> None:
    items = ThreadQueue(1)
    with pytest.raises(queue.Empty):
        items.get(timeout=0.001)
    assert items.not_empty.notified_ns() is None
    items.put(1)
    assert items.not_empty.notified_ns() is None
    assert not items.not_empty._threads


def test_threads_that_wait_are_notified_in_their_order() -> None:
    condition = NotedCondition(threading.Lock(), MutexWaits())
    order: list[int] = []

    def wait(number: int) -> None:
        with condition:
            condition.wait()
            order.append(number)
        times[number] = condition.notified_ns() or 0

    times = [0, 0]
    threads = []
    for number in range(2):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        while len(condition._threads) <= number:
            sleep(0.001)
    for number in range(2):
        with condition:
            condition.notify()
        while len(order) <= number:
            sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == [0, 1]
    assert 0 < times[0] < times[1]


def test_a_thread_that_finds_the_mutex_locked_notes_when_it_was_released() -> None:
    items = ThreadQueue(1)
    found: list[MutexWait] = []

    def put() -> None:
        items.put(1)
        found.extend(items.mutex_waits.take())

    with items.not_empty:
        thread = threading.Thread(target=put)
        thread.start()
        while not items.mutex_waits.waiting:
            sleep(0.001)
        before_ns = perf_counter_ns()
    thread.join()
    ((start_ns, blocked_ns, ready_ns, end_ns),) = found
    assert before_ns < end_ns
    assert start_ns <= blocked_ns <= ready_ns <= end_ns
    assert not items.mutex_waits.waiting
    assert items.mutex_waits.take() == []


def blocked_in(items: ThreadQueue, run: Callable[[Worker], object], meanwhile: Callable[[], None]) -> list[State]:
    """What a worker that runs this in a thread was blocked in, in order. It may lose core and GIL at any time."""
    block = Block.create()
    block.clear(0)

    def work() -> None:
        worker = Worker(block.slot(0), "Thread-1", 0, "threads", scale=1)
        worker.begin()
        run(worker)

    thread = threading.Thread(target=work)
    thread.start()
    meanwhile()
    thread.join()
    states = [state for _, state in map(unpack, transitions(block.slot(0), 0)[0])]
    assert states[0] is states[-1] is State.RUNNING
    return [state for state, _ in groupby(state for state in states if state in BLOCKED)]


def test_a_worker_reports_that_it_waits_for_the_mutex() -> None:
    items = ThreadQueue(1)
    items.mutex.acquire()

    def release() -> None:
        while not items.mutex_waits.waiting:
            sleep(0.001)
        items.not_full.__exit__()

    assert blocked_in(items, lambda worker: worker.put(items, 1), release) == [State.LOCK]


def test_a_worker_that_waited_for_an_item_reports_that_it_then_waits_for_the_mutex() -> None:
    items = ThreadQueue(1)

    def put() -> None:
        while not items.not_empty._threads:
            sleep(0.001)
        with items.not_empty:
            items.queue.append((perf_counter_ns(), 1))
            items.not_empty.notify()
            while not items.mutex_waits.waiting:
                sleep(0.001)

    # Before it waits for an item it may find the mutex locked too.
    assert blocked_in(items, lambda worker: worker.get(items), put)[-2:] == [State.IO, State.LOCK]


class QueueWithSignals(ThreadQueue):
    """Its `get` says when it begins to wait, and goes on when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.begins, self.goes_on = threading.Event(), threading.Event()

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        if block:
            self.begins.set()
            self.goes_on.wait()
        return super().get(block, timeout)


def test_a_worker_that_waits_for_the_mutex_before_it_waits_for_an_item_reports_that() -> None:
    items = QueueWithSignals()

    def put() -> None:
        items.begins.wait()
        with items.not_empty:
            items.goes_on.set()
            while not items.mutex_waits.waiting:
                sleep(0.001)
        while not items.not_empty._threads:
            sleep(0.001)
        items.put((perf_counter_ns(), 1))

    # After that it may find the mutex locked again.
    assert blocked_in(items, lambda worker: worker.get(items), put)[:3] == [State.IO, State.LOCK, State.IO]
