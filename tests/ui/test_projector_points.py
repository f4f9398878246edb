"""Each experiment's point on the projector at 80x24, with real workers: live and measured, and never another one's."""

from __future__ import annotations

import select
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest

from pconc_tui import experiments
from pconc_tui.experiments import catalogue, load, user_function
from pconc_tui.measurement import Counters, Measurement
from pconc_tui.monitor.monitor import Monitor
from pconc_tui.requests import Request
from pconc_tui.snapshot import Snapshot, Worker
from pconc_tui.text.headline import Headline, headline
from pconc_tui.text.numbers import UNKNOWN
from pconc_tui.ui.arrangement import arrange
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels.all_panels import panel_of
from pconc_tui.ui.panels.headline import HeadlinePanel
from pconc_tui.ui.panels.panel import Panel
from pconc_tui.ui.panels.projector import ProjectorPanel
from pconc_tui.ui.screens.dashboard import NO_SNAPSHOT
from tests.support import ended, until
from tests.ui.screens import frame_of, text_of

OWN = str(Path(__file__).parents[1] / "own_code" / "work.py") + ":crunch"
IDS = [*(each.id for each in catalogue()), OWN]
SIZE = (80, 24)


@dataclass(frozen=True)
class Story:
    """What the monitor reported of one experiment."""

    before: Snapshot
    """Before the measurement: with what is left of the experiments before."""
    during: tuple[Snapshot, ...]
    measured: Snapshot


def chosen(id: str) -> DashboardState:
    """The projector with this experiment chosen."""
    return DashboardState(LaunchSettings().with_experiment(id), projector=True)


def point(snapshot: Snapshot, id: str) -> Headline:
    """The headline where this experiment is chosen."""
    return headline(snapshot, chosen(id).settings.kind)


def rows(panel: type[Panel], snapshot: Snapshot, id: str) -> list[str]:
    """What this panel shows on the projector where this experiment is chosen."""
    found = panel_of(panel)
    region = arrange(chosen(id), snapshot, *SIZE)[found]
    return [*map(text_of, found.lines(frame_of(snapshot, *SIZE, chosen(id)), *region.size))]


def shows_all(snapshot: Snapshot, id: str) -> bool:
    """Whether the experiment's point is known, in words and figures."""
    found = point(snapshot, id)
    says = found.sentence()
    return says != load(id).title and UNKNOWN not in (*says.split(), *(each.value for each in found.figures))


def live(monitor: Monitor, request: Request) -> Snapshot:
    """A snapshot in which four workers show the whole point."""
    if request.experiment == "convoy":
        # How late the heartbeat is when it is alone, only a measurement can say.
        monitor.measure(replace(request, scale=1))
    else:
        for _ in range(request.workers):
            monitor.launch(request)
    found = until(monitor, lambda snapshot: shows_all(snapshot, request.experiment))
    monitor.stop_all()
    until(monitor, lambda snapshot: ended(snapshot) and snapshot.progress is None)
    return found


def measure(monitor: Monitor, request: Request) -> Story:
    """A measurement, from its request to its result."""
    before = monitor.poll()
    monitor.measure(request)
    during = [monitor.poll()]
    while len(during[-1].measurements) == len(before.measurements):
        select.select(monitor.event_fds, [], [], 0.05)
        during.append(monitor.poll())
    return Story(before, tuple(during[:-1]), during[-1])


@pytest.fixture
def own_function() -> Iterator[None]:
    experiments.add(user_function.read(OWN, sys.executable))
    yield
    experiments._user_functions.clear()


def only(snapshot: Snapshot, id: str, before: Snapshot) -> Snapshot:
    """The snapshot without anything of other experiments."""

    def own(each: Worker | Measurement | Counters) -> bool:
        return each.experiment == id

    return replace(
        snapshot,
        workers=tuple(filter(own, snapshot.workers)),
        measurements=tuple(filter(own, snapshot.measurements)),
        counters=tuple(filter(own, snapshot.counters)),
        log=tuple(line for line in snapshot.log if line not in before.log),
    )


def check_point(snapshot: Snapshot, id: str) -> None:
    """The projector shows the experiment's whole point, in words and in large."""
    assert shows_all(snapshot, id), point(snapshot, id)
    found = point(snapshot, id)
    assert found.kind.experiment == id
    words = " ".join(" ".join(rows(HeadlinePanel, snapshot, id)).split())
    assert words.partition(found.load or "\n")[0].strip() in found.sentences
    large = rows(ProjectorPanel, snapshot, id)
    for figure in found.figures:
        assert figure.caption in large[1]
    assert "…" not in "".join(large)
    assert all("█" in row for row in large[2:])


def check_nothing_shown(snapshot: Snapshot, id: str) -> None:
    """The projector shows what an experiment that has not run yet is about, as it would at the start."""
    nothing = replace(NO_SNAPSHOT, core_count=snapshot.core_count)
    for panel in (HeadlinePanel, ProjectorPanel):
        assert rows(panel, snapshot, id) == rows(panel, nothing, id)
    assert point(snapshot, id).sentence() == load(id).title


def test_the_point_is_on_the_projector_while_workers_run(own_function: None, fresh_monitor: Monitor) -> None:
    for id in IDS:
        check_point(live(fresh_monitor, replace(chosen(id).settings.request, calls=200 if id == OWN else 1)), id)


def test_a_result_is_on_the_projector_and_nothing_of_an_earlier_experiment(
    own_function: None, fresh_monitor: Monitor
) -> None:
    """All experiments in their order and back, so that each comes after every other one."""
    for order in (IDS, IDS[::-1]):
        fresh_monitor.clear()
        fresh_monitor.clear_scoreboard()
        for at, id in enumerate(order):
            short = load(id).endless or id == "io-bound"
            request = replace(chosen(id).settings.request, scale=0.2 if short else 1.0, calls=10 if id == OWN else 1)
            story = measure(fresh_monitor, request)
            assert story.measured.measurements[-1].problem is None
            check_point(story.measured, id)
            for later in order[at + 1 :]:
                check_nothing_shown(story.measured, later)
            for snapshot in (*story.during[::5], story.measured):
                alone = only(snapshot, id, story.before)
                for panel in (HeadlinePanel, ProjectorPanel):
                    assert rows(panel, snapshot, id) == rows(panel, alone, id)
            for snapshot, earlier in product(story.during[::5], order[:at]):
                assert point(snapshot, earlier) == point(snapshot, id), f"{id} runs, {earlier} is chosen"
