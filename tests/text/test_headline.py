"""Headlines: the point of every experiment in words and figures, true for what runs or was measured, never stale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import pytest

from pconc_tui.experiments import catalogue, load
from pconc_tui.measurement import Counters, Measurement, Progress, Wait
from pconc_tui.models import all_models
from pconc_tui.protocol.block import State
from pconc_tui.protocol.delay_histogram import BUCKETS, DelayHistogram, bucket
from pconc_tui.snapshot import LogLine, Snapshot, Worker
from pconc_tui.text.headline import Headline, Kind, headline, kind_of, observed, result
from pconc_tui.text.headline_values import of_workers
from pconc_tui.timeline.spans import Times
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.launch_settings import LaunchSettings
from tests.ui import samples
from tests.ui.screens import render

IDS = [each.id for each in catalogue()]
PYTHON = "3.13.0"
FREE = replace(samples.LAB, version="3.14.0", gil_enabled=False, free_threaded_build=True)


def delays(ms: float) -> DelayHistogram:
    counts = [0] * BUCKETS
    counts[bucket(round(ms * 1e6))] = 10
    return DelayHistogram(tuple(counts), round(ms * 1e6))


def workers(
    experiment: str, count: int = 4, model: str = "", python: str = PYTHON, variant: str = ""
) -> tuple[Worker, ...]:
    """Workers that live."""
    found = load(experiment)
    model = model or found.models[0]
    prefix = {"processes": "Process", "threads": "Thread", "free-threaded": "Thread"}.get(model, "Task")
    return tuple(
        replace(
            samples.thread(number, count),
            name=f"{prefix}-{number}",
            experiment=experiment,
            variant=variant or found.variant,
            model=model,
            python=python,
            pid=11240 + (number if model.startswith("process") else 0),
            native_id=7 if model == "asyncio" else 11240 + number,
            state=State.IO,
            recent=Times(running=0.6, io=0.4),
            total=Times(running=0.6, io=0.4),
            role=found.role(number - 1, count) if found.role else "",
        )
        for number in range(1, count + 1)
    )


def all_ended(found: tuple[Worker, ...]) -> tuple[Worker, ...]:
    return tuple(samples.ended(each, "done") for each in found)


def counters(found: tuple[Worker, ...], final: bool) -> Counters:
    """What these workers share, with values that no other experiment has."""
    first = found[0]
    made = Counters(first.experiment, first.variant, first.model, len(found), final, first.python)
    names = [each.name for each in found]
    cycle = (Wait(names[0], "B", names[1]), Wait(names[1], "A", names[0])) if len(found) > 1 else ()
    return replace(
        made,
        **{
            "shared-dict": {"object": dict.fromkeys(map(str, range(len(found))), 1) if final else None},
            "shared-value": {"value": 4, "plain_num": 0 if final else None},
            "lost-update": {"value": 550_880, "expected": 800_000},
            "convoy": {
                "delays": delays(15),
                "recent_delays": None if final else delays(15),
                "delays_alone": delays(0.06),
            },
            "deadlock": {"deadlock": cycle, "waits": () if final else cycle, "stuck_s": 2.1, "stuck": len(found)},
            "queue": {"put": 24_638, "got": 24_600, "got_per_s": None if final else 12_300.0, "depth_mean": 38.0},
        }.get(first.experiment, {}),
    )  # type: ignore[arg-type]


def log(found: tuple[Worker, ...]) -> tuple[LogLine, ...]:
    names = [each.name for each in found]
    if found[0].experiment == "identity":
        return tuple(LogLine(1.0, name, f"Pid is 1, thread id is {name}") for name in names)
    if found[0].experiment == "shared-dict":
        order = [(names[0], 0), (names[1], 0), (names[0], 1), (names[1], 2), (names[2], 2), (names[2], 3)]
        order += [(names[3], 3), (names[3], 4)]
        return tuple(
            LogLine(1.0, name, f"Obj {'now ' if name in [each for each, _ in order[:at]] else ''}has {count} values")
            for at, (name, count) in enumerate(order)
        )
    return ()


def running(found: tuple[Worker, ...], **changes: object) -> Snapshot:
    shared = tuple(each for each in (counters(found, False),) if each.experiment not in ("identity", "cpu-bound"))
    return samples.snapshot(*found, counters=shared, log=log(found), **{"cores_busy": 0.99, **changes})


def measured(experiment: str, model: str = "", n: int = 4, ratio: float = 4.1, **changes: object) -> Measurement:
    """A measurement with what the monitor adds at its end."""
    found = all_ended(workers(experiment, n, model))
    made = samples.measurement(
        found[0].model, n, ratio, experiment=experiment, variant=found[0].variant, ended_ns=samples.NOW, **changes
    )
    if experiment == "convoy":
        made = replace(made, delays=delays(15), delays_alone=delays(0.06), no_ratio="roles")
    if experiment == "deadlock":
        made = replace(made, deadlock=counters(found, True).deadlock, n_runs_s=None)
    at_end = replace(running(found), counters=(counters(found, True),))
    return replace(made, observed=observed(at_end, made))


def chosen(experiment: str, model: str = "", python: str = PYTHON) -> Kind:
    found = load(experiment)
    return Kind(experiment, found.variant, model or found.models[0], python)


def figures(found: Headline) -> list[tuple[str, str]]:
    return [(each.number, each.caption) for each in found.figures]


LIVE = {
    "io-bound": ("4 threads sleep at the same time", [("4", "asleep at the same time"), ("0.99", "cores busy of 2")]),
    "cpu-bound": (
        "4 threads, one GIL: 0.99 of 2 cores busy",
        [("0.99", "cores busy of 2"), ("186", "hand-offs per second")],
    ),
    "identity": ("4 threads, 1 process", [("1", "distinct PIDs"), ("4", "distinct names")]),
    "shared-dict": ("One dict for all: - of 4 values", [("-", "values of 4"), ("2", "interleaved pairs of prints")]),
    "shared-value": ("plain_num is -, shared_num is 4", [("-", "plain_num"), ("4", "shared_num")]),
    "lost-update": (
        "About 249,120 of 800,000 updates lost (31 %)",
        [("249,120", "updates lost"), ("31", "% of all updates")],
    ),
    "convoy": (
        "The heartbeat wakes 14.8 ms late; alone it was 58.7 µs",
        [("14.8", "milliseconds late"), ("58.7", "microseconds late when alone")],
    ),
    "gil-release": (
        "hashlib releases the GIL: 4 threads, 0.99 of 2 cores busy",
        [("0.99", "cores busy of 2"), ("186", "hand-offs per second")],
    ),
    "deadlock": (
        "Thread-1 holds A and waits for B; Thread-2 holds B and waits for A",
        [("2", "seconds in a deadlock"), ("4", "workers stuck")],
    ),
    "queue": (
        "12,300 items/s, 38 in the queue; producers wait 40 % of the time",
        [("12,300", "items per second"), ("38", "items in the queue")],
    ),
}
RESULTS = {
    "io-bound": ("Four runs took 4.1 times as long as one", ["0.61", "2.50"]),
    "cpu-bound": ("Four runs took 4.1 times as long as one, with one GIL", ["0.98", "4.1"]),
    "identity": ("4 threads, 1 process", ["1", "4"]),
    "shared-dict": ("One dict for all: 4 of 4 values; printed 0 0 1 2 2 3 3 4", ["4", "2"]),
    "shared-value": ("plain_num is 0, shared_num is 4", ["0", "4"]),
    "lost-update": ("249,120 of 800,000 updates lost (31 %)", ["249,120", "31"]),
    "convoy": ("The heartbeat woke 14.8 ms late; alone it was 58.7 µs", ["14.8", "58.7"]),
    "gil-release": ("hashlib releases the GIL: four runs took 4.1 times as long as one", ["0.98", "4.1"]),
    "deadlock": ("Thread-1 held A and waited for B; Thread-2 held B and waited for A", ["2", "4"]),
    "queue": ("9,836 items/s, 38 in the queue; producers waited 40 % of the time", ["9,836", "38"]),
}


def test_one_that_sleeps_alone_does_so_at_no_other_time() -> None:
    found = headline(running(workers("io-bound", 1)), chosen("cpu-bound"))
    assert found.sentence() == "1 thread sleeps"


def test_a_thread_that_a_function_has_started_may_be_what_keeps_the_gil() -> None:
    named = tuple(replace(each, held_s=0.0003, gil=3) for each in workers("lost-update", 2))
    helper = replace(named[0], id=90, name="Thread-8 (_burn", helper_of=named[1].id, held_s=0.02)
    elsewhere = replace(helper, gil=4, held_s=0.5)
    unrelated = replace(helper, helper_of=77, held_s=0.6)

    def said(*helpers: Worker) -> tuple[str, str]:
        snapshot = replace(running(named), helpers=helpers)
        values = of_workers(snapshot, named, "", "", "threads", PYTHON)
        return values["holder"], values["held"]

    assert said() == (named[-1].name, "300 µs")
    assert said(helper, elsewhere, unrelated) == (f"Thread-8 of {named[1].name}", "20 ms")


@pytest.mark.parametrize("id", IDS)
def test_the_point_while_workers_run(id: str) -> None:
    sentence, values = LIVE[id]
    model = "threads" if "threads" in load(id).models else ""
    found = headline(running(workers(id, model=model)), chosen("io-bound"))
    assert (found.sentence(), figures(found)) == (sentence, values)
    assert found.kind.experiment == id


@pytest.mark.parametrize("id", IDS)
def test_the_point_of_a_measurement(id: str) -> None:
    found = result(measured(id))
    assert (found.sentence(), [number for number, _ in figures(found)]) == RESULTS[id]


@pytest.mark.parametrize("id", IDS)
def test_every_model_has_a_point_that_fits_the_smallest_screen(id: str) -> None:
    for model in all_models(load(id).models):
        live = headline(running(workers(id, 12, model)), chosen(id))
        assert live.kind == kind_of(workers(id, 12, model)[0])
        for found in (live, result(measured(id, model, 12)) if id != "shared-dict" else live):
            assert len(found.sentence(59)) <= 59
            assert {"{", "}"}.isdisjoint("".join(found.sentences))


def stages(id: str) -> Iterator[Snapshot]:
    """An experiment that runs, is measured, and has been measured, with values that are its own."""
    found = workers(id)
    result = measured(id)
    yield running(found)
    yield running(found, progress=Progress(id, found[0].model, "4 runs", 0.5, load(id).variant, 0.61, delays(0.06)))
    yield replace(running(all_ended(found)), counters=(counters(found, True),), measurements=(result,))


@pytest.mark.parametrize(("earlier", "later"), [*permutations(IDS, 2)])
def test_nothing_of_an_earlier_experiment_stands_beside_another(earlier: str, later: str) -> None:
    """For each ordered pair: the other chosen after the first ended, and the other running with the first's results."""
    *_, before = stages(earlier)
    idle = headline(before, chosen(later))
    assert idle.sentence() == load(later).title
    assert {number for number, _ in figures(idle)} == {"-"}
    for stage in stages(later):
        after = replace(
            stage,
            counters=(*stage.counters, *before.counters),
            measurements=(*before.measurements, *stage.measurements),
            log=(*before.log, *stage.log),
        )
        assert headline(after, chosen(later)) == headline(stage, chosen(later))
        if stage.progress or any(each.alive for each in stage.workers):
            assert headline(after, chosen(earlier)) == headline(stage, chosen(later))
    for size, projector in (((80, 24), True), ((60, 20), False)):
        state = DashboardState(LaunchSettings().with_experiment(later), projector=projector)
        screen = "\n".join(render(before, *size, state))
        assert load(later).title in screen
        assert result(before.measurements[-1]).sentence() not in "\n".join(screen.splitlines()[:6])


@pytest.mark.parametrize(("ratio", "n", "sentence"), [
    (1.02, 4, "Four runs took 0.62 s, as long as one"),
    (0.8, 4, "Four runs took 0.8 times as long as one"),
    (1.96, 2, "Two runs took 2.0 times as long as one"),
    (9.0, 9, "Nine runs took 9.0 times as long as one"),
    (10.0, 10, "10 runs took 10.0 times as long as one"),
    (1.0, 1, "One run took 0.61 s"),
])  # fmt: skip
def test_a_result_says_what_was_measured(ratio: float, n: int, sentence: str) -> None:
    assert result(samples.measurement(workers=n, ratio=ratio)).sentence() == sentence


def test_without_a_ratio_there_is_none_in_the_sentence() -> None:
    short = samples.measurement(no_ratio="too short: a run works for 0.1 ms")
    assert result(short).sentence() == "Four runs took 2.44 s"
    assert figures(result(short))[1] == ("197", "hand-offs per second")
    broken = samples.measurement(problem="Thread-2: ValueError: {bad}")
    assert result(broken).sentence() == "incomplete: Thread-2: ValueError: {bad}"
    assert {number for number, _ in figures(result(broken))} == {"-"}


@pytest.mark.parametrize(("model", "words"), [
    ("threads", "4 threads, one GIL: "),
    ("thread-pool", "4 tasks, one GIL: "),
    ("processes", "4 processes, a GIL each: "),
    ("interpreters", "4 interpreters, a GIL each: "),
    ("process-pool", "4 tasks, a GIL per process: "),
    ("interpreter-pool", "4 tasks, a GIL per interpreter: "),
    ("asyncio", "4 tasks, one thread: "),
])  # fmt: skip
def test_each_model_names_the_gils_it_has(model: str, words: str) -> None:
    assert headline(running(workers("cpu-bound", model=model)), chosen("cpu-bound")).sentence().startswith(words)


def test_without_a_gil_the_headline_says_so_and_an_unknown_one_is_not_named() -> None:
    free = workers("cpu-bound", model="free-threaded", python="3.14.0t")
    for gil_enabled, words in ((False, "4 threads, no GIL: "), (True, "4 threads, one GIL: "), (None, "4 threads: ")):
        lab = replace(FREE, gil_enabled=gil_enabled)
        found = headline(running(free, labs=(samples.LAB, lab)), chosen("cpu-bound"))
        assert found.sentence().startswith(words)
    assert (
        "release"
        not in headline(
            running(workers("gil-release", model="free-threaded", python="3.14.0t"), labs=(FREE,)),
            chosen("gil-release"),
        ).sentence()
    )


def test_one_worker_is_singular() -> None:
    for model, words in (("threads", "1 thread, one GIL"), ("processes", "1 process, one GIL"), ("asyncio", "1 task")):
        assert headline(running(workers("cpu-bound", 1, model)), chosen("cpu-bound")).sentence().startswith(words)


def test_two_models_side_by_side_are_both_named() -> None:
    both = (*workers("cpu-bound", 2), *workers("cpu-bound", 3, "processes"))
    found = headline(samples.snapshot(*both, cores_busy=1.9), chosen("cpu-bound"))
    assert found.sentence() == "2 threads, 3 processes: 1.90 of 2 cores busy"


def test_cores_busy_of_one_among_several_experiments_are_unknown() -> None:
    both = (*workers("cpu-bound", 2), *workers("gil-release", 2))
    assert headline(samples.snapshot(*both), chosen("cpu-bound")).sentence() == "2 threads: - of 2 cores busy"


def test_a_one_shot_worker_launched_after_a_measurement_is_in_the_headline() -> None:
    first, more = all_ended(workers("identity", 4)), all_ended(workers("identity", 5))
    made = measured("identity")
    measured_first = replace(running(first), measurements=(made,))
    assert headline(measured_first, chosen("identity")).sentence() == "4 threads, 1 process"
    later = tuple(replace(each, launched_ns=samples.NOW + 1) for each in more)
    assert (
        headline(replace(running(later), measurements=(made,)), chosen("identity")).sentence() == "5 threads, 1 process"
    )


def test_a_result_belongs_to_its_model_and_interpreter() -> None:
    ended = replace(samples.EMPTY, measurements=(measured("cpu-bound"),))
    assert headline(ended, chosen("cpu-bound")).sentence().startswith("Four runs took 4.1 times")
    for other in (chosen("cpu-bound", "processes"), chosen("cpu-bound", python="3.14.0")):
        assert headline(ended, other).sentence() == load("cpu-bound").title


def test_the_settings_kind_is_that_of_the_workers_they_launch() -> None:
    settings = LaunchSettings()
    found = settings.kind
    assert found[:3] == ("cpu-bound", "calls", "threads")
    assert found.python.startswith(settings.interpreter.version)


def test_pools_name_what_runs_their_tasks() -> None:
    tasks = workers("identity", 4, "thread-pool")
    shared = tuple(replace(each, native_id=number % 2) for number, each in enumerate(tasks))
    assert headline(running(shared), chosen("identity")).sentence() == "4 tasks, 2 threads, 1 process"
    tasks = workers("identity", 4, "process-pool")
    shared = tuple(replace(each, pid=number % 2) for number, each in enumerate(tasks))
    assert headline(running(shared), chosen("identity")).sentence() == "4 tasks, 2 processes"
