"""What the dashboard can show, one after another."""

from __future__ import annotations

from contextlib import closing

from pconc_tui.commands.programs import MachinePrograms
from pconc_tui.requests import Request
from tests import watched
from tests.support import running, until


def test_what_is_shown_later_uses_no_id_again() -> None:
    programs = MachinePrograms()
    seen: list[set[int]] = []

    def experiments() -> None:
        with closing(programs.experiments()) as monitor:
            monitor.launch(Request("cpu-bound", "calls", "threads"))
            seen.append({worker.id for worker in until(monitor, running).workers})

    experiments()
    with watched.watched(watched.BUSY) as (watch, _):
        found = watched.until(watch, lambda snapshot: len(snapshot.workers) == 5)
        seen.append({worker.id for worker in found.workers})
    experiments()
    assert all(seen)
    assert len(set.union(*seen)) == sum(map(len, seen)) == 7
