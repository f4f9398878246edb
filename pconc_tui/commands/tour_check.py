"""Takes a tour without the dashboard, with real workers, and prints each claim with its figures."""

from __future__ import annotations

import select
from collections.abc import Iterator

from pconc_tui.commands.arguments import EXIT_FAILURE, EXIT_INTERRUPTED
from pconc_tui.commands.headless import FRAME_S, EarlyEnd, ProgressReport
from pconc_tui.commands.recorded_monitor import recorded_monitor
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.python_discovery import find
from pconc_tui.pythons import current_interpreter
from pconc_tui.text.printable import printable, printable_lines
from pconc_tui.tours.interpreter_choice import Interpreters
from pconc_tui.tours.orders import send
from pconc_tui.tours.tour import Tour
from pconc_tui.tours.walk import Phase, Walk
from pconc_tui.ui import tour_net


def check(tour: Tour, record: str | None = None) -> int:
    """Run every step, print how its claims fare, and return the exit status; `record`: into this file."""
    early = EarlyEnd(None)
    interpreters = Interpreters(current_interpreter(), find())
    print(f"{tour.name}: {tour.title}", flush=True)
    all_hold = True
    with recorded_monitor(record) as monitor:
        walk: Walk | None = Walk.start(tour)
        while walk is not None:
            walk = _run(walk, monitor, interpreters, early)
            if early.interrupted:
                return EXIT_INTERRUPTED
            if walk.phase in (Phase.REVEALED, Phase.SKIPPED):
                print(printable_lines("\n".join(_lines(walk))), flush=True)
                all_hold = all_hold and (walk.phase is Phase.SKIPPED or walk.claims_hold)
                if walk.step.recording and (problem := tour_net.problem(walk)):
                    print(f"  {printable(problem)}", flush=True)
                    all_hold = False
            walk = walk.on()
    return 0 if all_hold else EXIT_FAILURE


def _run(walk: Walk, monitor: Monitor, interpreters: Interpreters, early: EarlyEnd) -> Walk:
    """The tour once the step has run."""
    report = ProgressReport()
    while True:
        snapshot = monitor.poll()
        walk, orders = walk.advance(snapshot, interpreters)
        if problem := send(orders, monitor):
            walk = walk.refused(problem)
        if walk.phase is not Phase.RUNNING or early.problem:
            report.erase()
            return walk
        if snapshot.progress is not None:
            report.measurement(snapshot.progress, snapshot.standstills)
        select.select(monitor.event_fds, [], [], FRAME_S)


def _lines(walk: Walk) -> Iterator[str]:
    """What the step revealed, and each of its claims."""
    yield f"\n{walk.index + 1} {walk.step.title}"
    if walk.phase is Phase.SKIPPED:
        yield f"  skipped: {walk.reason}"
        return
    if walk.revealed:
        yield f"  {walk.revealed}"
    for verdict in walk.verdicts:
        held = {True: "held", False: "did NOT hold", None: "is not known"}[verdict.held]
        yield f"  {held}: {verdict.claim.text} · {verdict.figures}"
    if walk.run and walk.run.doubts:
        yield f"  load: {walk.run.doubts[-1]}"
    if not walk.claims_hold:
        yield f"  this run does not bear it out{f': {walk.doubt}' if walk.doubt else ''}"
