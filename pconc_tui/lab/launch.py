"""What the monitor asks the lab to launch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Tuple


@dataclass(frozen=True)
class WorkerSpec:
    """One worker of a launch."""

    id: int
    """The worker's number, which no other worker of the session has."""
    slot: int
    """Its slot in the block."""
    name: str
    index: int
    """Its number within the launch, from 0 on."""


@dataclass(frozen=True)
class Launch:
    """Workers to start together."""

    group: int
    """Launches with the same group share what their experiment's setup made."""
    experiment: str
    variant: str
    model: str
    scale: float
    """How much of the experiment's work each worker does: 1 is all of it, 0.1 a tenth. Of a user's function: how often
    it is called."""
    endless: bool
    """Whether workers repeat their work until stopped."""
    team: int
    """How many workers are launched together; 0: they run until stopped."""
    workers: Tuple[WorkerSpec, ...]

    @classmethod
    def parse(cls, command: Dict[str, Any]) -> Launch:
        """The launch that a command of the monitor describes."""
        workers = tuple(WorkerSpec(**fields) for fields in command["workers"])
        team = 0 if command["endless"] else len(workers)
        return cls(**{"team": team, **command, "workers": workers})
