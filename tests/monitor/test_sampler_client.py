"""The sampler's transitions as the monitor reads them, beside those of the worker itself."""

from __future__ import annotations

from typing import cast

from pconc_tui.monitor.sampler_client import SampledTransitions, SamplerClient
from pconc_tui.protocol.block import HEAD, HEADER_WORDS, RING_AT, Block, State, pack
from pconc_tui.protocol.sampler_slots import FIRST, LAST, SAMPLES, WORKER


class FakeSampler:
    """Stands for a sampler whose slot 0 belongs to worker 1."""

    def __init__(self) -> None:
        self.block = Block.create()
        self.slot = self.block.slot(0)
        self.slot[WORKER] = 1
        self.blind = False

    def watch(self, slot: int, worker: int, since_ns: int = 0) -> None:
        pass

    def blind_to(self, worker: int) -> bool:
        return self.blind

    def write(self, word: int) -> None:
        self.slot[RING_AT + self.slot[HEAD]] = word
        self.slot[HEAD] += 1

    def transitions(self) -> SampledTransitions:
        return SampledTransitions(cast(SamplerClient, self), 0, 1)


HEADER = [0] * HEADER_WORDS


def test_what_is_sampled_while_the_worker_starts_is_not_lost() -> None:
    sampler = FakeSampler()
    transitions = sampler.transitions()
    transitions.read()
    # Here the worker starts and is sampled, after its own transitions have been read.
    sampler.write(pack(5, State.IO))
    assert transitions.take([], HEADER, 0) == ([], 0, None)
    transitions.read()
    assert transitions.take([pack(1, State.RUNNING)], HEADER, 0)[0] == [pack(1, State.RUNNING), pack(5, State.IO)]


def test_of_a_worker_that_can_no_longer_be_sampled_nothing_is_known() -> None:
    sampler = FakeSampler()
    transitions = sampler.transitions()
    sampler.write(pack(5, State.IO))
    sampler.blind = True
    transitions.read()
    assert transitions.take([pack(1, State.RUNNING)], HEADER, 0)[0] == [
        pack(1, State.RUNNING), pack(5, State.IO), pack(5, State.UNKNOWN),
    ]  # fmt: skip


def test_the_rate_is_samples_by_time() -> None:
    sampler = FakeSampler()
    transitions = sampler.transitions()
    assert (transitions.rate_hz, transitions.fresh_ns) == (None, 0)
    sampler.slot[FIRST], sampler.slot[LAST], sampler.slot[SAMPLES] = 0, 10_000_000, 5
    transitions.read()
    assert (transitions.rate_hz, transitions.fresh_ns) == (400, 5_000_000)
