"""The sampler as the monitor has it: a process a lab that is told whom to watch, and the block in which it answers."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from pconc_tui.block import BEAT, Block, transitions
from pconc_tui.pipes import Lines, line
from pconc_tui.sampler.slots import FIRST, LAST, LOOKS, WORKER
from pconc_tui.snapshot import Sampling

_START = Path(__file__).parents[1] / "sampler" / "__main__.py"


class Sampler:
    """Looks at workers of one lab, by their slots in its block; ends with this object's process."""

    def __init__(self, lab: Block) -> None:
        self.ready = False
        """Whether it has begun to look, or never will."""
        self.problems: dict[int, str] = {}
        """Why a worker can't be looked at."""
        self.block = Block.create()
        read_fd, write_fd = os.pipe()
        os.set_blocking(read_fd, False)
        self._news = Lines(read_fd)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-S", str(_START), str(lab.fd), str(self.block.fd)],
                stdin=subprocess.PIPE,
                stdout=write_fd,
                stderr=subprocess.DEVNULL,
                pass_fds=(lab.fd, self.block.fd),
                start_new_session=True,
            )
        finally:
            os.close(write_fd)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def news_fd(self) -> int:
        """Readable when it has something to tell."""
        return self._news.fd

    def watch(self, slot: int, worker: int) -> None:
        """Look at the worker in this slot of the lab's block from its first instruction on; 0: at nobody any more."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            os.write(self._process.stdin.fileno(), line({"slot": slot, "worker": worker}))

    def hear(self) -> None:
        """Take what it told."""
        news = self._news.read()
        for each in news or ():
            self.ready = self.ready or "ready" in each
            if "problem" in each:
                self.problems[each["worker"]] = each["problem"]
        if news is None:
            self.ready = True

    def close(self) -> None:
        """End it, and wait until it is gone."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._news.fd)
        self.block.close()


class Sampled:
    """One worker as the sampler sees it."""

    def __init__(self, sampler: Sampler, slot: int, worker: int) -> None:
        sampler.watch(slot, worker)
        self._sampler = sampler
        self._words = sampler.block.slot(slot)
        self._worker = worker
        self._head = 0
        self._rate_hz: float | None = None

    def take(self) -> tuple[list[int], int]:
        """Its new transitions, and when it was last seen running."""
        if self._words[WORKER] != self._worker:
            return [], 0
        words, self._head, _ = transitions(self._words, self._head)
        first, last, looks = self._words[FIRST], self._words[LAST], self._words[LOOKS]
        self._rate_hz = (looks - 1) * 1e9 / (last - first) if last > first else None
        return words, self._words[BEAT]

    def end(self) -> None:
        """The slot is about to be another's."""
        self._words.release()

    def view(self) -> Sampling:
        """What there is to say of it."""
        return Sampling(self._rate_hz, self._sampler.problems.get(self._worker))
