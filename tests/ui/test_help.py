"""The help explains every panel, state, column, figure and symbol; it opens at what is in front."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
from textual.pilot import Pilot
from textual.widgets._tooltip import Tooltip

from pconc_tui.comparison import report
from pconc_tui.experiments import catalogue
from pconc_tui.measurement import Counters
from pconc_tui.recording.marks import Mark
from pconc_tui.recording.player import Player
from pconc_tui.snapshot import GilRate, Sampling, Snapshot, WorkerProcess
from pconc_tui.text.glossary import STATES, TOPICS, Entry
from pconc_tui.timeline.spans import Times
from pconc_tui.tours.library import all_tours
from pconc_tui.tours.walk import Walk
from pconc_tui.ui.app import PconcApp
from pconc_tui.ui.arrangement import arrange
from pconc_tui.ui.dashboard_state import DashboardState
from pconc_tui.ui.drawing.lines import BLANK, Line, width_of
from pconc_tui.ui.drawing.palette import DIM, STATE_STYLES
from pconc_tui.ui.explanations import Explained, entry
from pconc_tui.ui.launch_settings import LaunchSettings
from pconc_tui.ui.panels import all_panels, replay_bar
from pconc_tui.ui.panels.code import CodePanel
from pconc_tui.ui.panels.counters import CountersPanel
from pconc_tui.ui.panels.footer import FooterPanel
from pconc_tui.ui.panels.log import LogPanel
from pconc_tui.ui.panels.panel import Frame, Panel
from pconc_tui.ui.panels.slow_motion import SlowMotionPanel
from pconc_tui.ui.panels.thread import ThreadPanel
from pconc_tui.ui.panels.too_small import TooSmallPanel
from pconc_tui.ui.panels.tour import TourPanel
from pconc_tui.ui.panels.worker_columns import COLUMNS, THREAD_COLUMNS
from pconc_tui.ui.panels.workers import WorkersPanel
from pconc_tui.ui.replay_view import ReplayView
from pconc_tui.ui.screens import compare, help_page
from pconc_tui.ui.screens.labs import lab_lines
from tests.comparison.comparisons import PY313T, PY314, USUAL
from tests.ui import samples
from tests.ui.fakes import FakeController
from tests.ui.screens import frame_of, on_screen, shown, text_of, until, with_app

LABS = replace(
    samples.THREADS,
    gils=(GilRate(0, 11240, 0, 4, 186.0, 187.0, None), GilRate(0, 11241, 3, 1, 186.0, None, "not permitted")),
)
QUEUE = Counters("queue", "work", "threads", 4, False, put=120, got=82, got_per_s=12_300.0)
SIZES = ((160, 45), (120, 40), (80, 24), (60, 20))
SAMPLED = tuple(
    replace(each, source="sampled", sampling=Sampling(612.0, False, None, 1.0), total=Times(0.5, 1.5, 0.1, 0.1, 0.1))
    for each in samples.THREADS.workers
)
SNAPSHOTS = (
    samples.EVERYTHING,
    samples.LONG,
    samples.ENDED,
    samples.MEASURING,
    samples.DEAD,
    samples.STARTING,
    samples.MANY,
    samples.cores(64),
    samples.WATCHED,
    replace(samples.THREADS, others=0.7, throttled=0.4, switches_per_s=187.0, log_dropped=12, log_cut=1200),
    replace(samples.THREADS, switches_problem="not permitted", counters=(samples.DELAYS, samples.DEADLOCK)),
    replace(samples.THREADS, workers=SAMPLED, switches_per_s=950.0, core_loads=None),
    replace(samples.THREADS, counters=(QUEUE,)),
    replace(samples.THREADS, processes=(WorkerProcess(11240, (1, 2, 3, 4), 0.5, 0.3),)),
    replace(samples.EMPTY, labs=(samples.LAB, replace(samples.LAB, free_threaded_build=True, gil_enabled=False))),
    replace(samples.EMPTY, labs=(replace(samples.LAB, free_threaded_build=True, gil_enabled=True),) * 3),
    replace(
        samples.PROCESSES,
        counters=tuple(replace(each, model="processes") for each in samples.COUNTERS),
        measurements=(samples.measurement(deadlock=samples.CYCLE), samples.measurement(no_ratio="too short")),
    ),
)
PLAYERS = (Player(0, 10**11, 10**10), Player(0, 10**13, 10**12, speed=Fraction(1, 1000), playing=False))
MARKS = tuple(Mark(index * 10**10, kind, kind) for index, kind in enumerate(replay_bar.MARKS))
FREE_TEXT = {LogPanel, CodePanel, FooterPanel, ThreadPanel, TooSmallPanel, TourPanel}
"""Panels whose lines are what functions print, source, places in it, keys or what a tour's file says."""
NAMES = re.compile(
    r"(Thread|Process|Proc|lock|Python|CPython)[- ][\d.]+t?( \d)?"
    r"|\w+\.py:\d+"
    r"|\b3\.1\d(\.\d+)?t?\b"
    rf"|\b\d (?={'|'.join(each.id for each in catalogue())})"
    r"|'\d': \d"
)
"""Names, versions, keys and the items of the shared dict, whose digits are no figures."""
PUNCTUATION = set("─│╭╮╰╯┬┴├┤┼┌┐└┘ …·—’×µ–▀←→↑↓")
"""Frames, separators, keys, characters of words, and what large digits are drawn with."""


def states(snapshot: Snapshot) -> Iterator[DashboardState]:
    for panel in all_panels.TABS:
        yield DashboardState().focusing(panel)
    yield DashboardState(projector=True)
    yield DashboardState(window=replace(DashboardState().window, frozen=True))
    for player in PLAYERS:
        yield DashboardState(replay=ReplayView(player, MARKS))
    for before_ms in (3, 40, 47) if any(worker.started_ns for worker in snapshot.workers) else ():
        slow = samples.slow_motion(snapshot, before_ms * samples.MS)
        yield DashboardState(slow=slow)
        yield DashboardState(slow=replace(slow, paused=True), projector=True)
    for each in catalogue() if snapshot is SNAPSHOTS[0] else ():
        yield DashboardState(LaunchSettings().with_experiment(each.id))


def drawn() -> Iterator[tuple[Panel, Frame, list[Line]]]:
    """What every panel draws, in all states and sizes, each once."""
    seen: set[tuple[str, ...]] = set()
    for snapshot in SNAPSHOTS:
        for state in states(snapshot):
            for size in SIZES:
                frame = frame_of(snapshot, *size, state)
                for panel, region in arrange(state, snapshot, *size).items():
                    lines = panel.lines(frame, *region.size)
                    key = type(panel).__name__, *map(text_of, lines)
                    if key not in seen and type(panel) not in FREE_TEXT:
                        seen.add(key)
                        yield panel, frame, lines


def explained(panel: Panel, frame: Frame, lines: list[Line], x: int, y: int) -> Entry | None:
    """What explains the figure here: its column, the first sign of its row, or one beside it."""
    shown = Explained((panel.name, *panel.topics), lines)
    if isinstance(panel, (WorkersPanel, SlowMotionPanel)):
        return panel.explained(frame, lines, x, y)
    if isinstance(panel, CountersPanel):
        row = lines if "Process-" in text_of(lines[y]) else [BLANK] * y + lines[y:]
        return shown.sign_at(x, y) or Explained((panel.name,), row).label_before(y)
    if not re.search("[a-z]", text_of(lines[y])):
        # An axis, which the chart's caption explains.
        return shown.label_before(y)
    return shown.sign_at(x, y) or shown.sign_near(x, y)


def unexplained(panel: Panel, frame: Frame, lines: list[Line]) -> Iterator[str]:
    """Figures of a panel that no sign of the glossary explains."""
    for y, line in enumerate(lines):
        text = NAMES.sub(lambda match: "x" * len(match[0]), text_of(line))
        for match in re.finditer(r"\d[\d,.]*", text):
            if not explained(panel, frame, lines, match.start(), y):
                yield f"{type(panel).__name__}: {match[0]} in {text_of(line).strip()}"


def test_every_state_is_explained() -> None:
    assert {style.word for style in STATE_STYLES.values()} <= {each.sign for each in STATES.entries}
    for style in STATE_STYLES.values():
        assert entry((STATES.name,), style.short), style.short


def test_every_column_is_explained() -> None:
    for name, titles in (
        ("Workers", [column.title for column in (*COLUMNS, *THREAD_COLUMNS)]),
        ("Compare", [column.title for column in report.COLUMNS]),
        ("Labs", re.split(r"\s{2,}", text_of(lab_lines(LABS, 100)[3]).strip())),
    ):
        for title in titles:
            assert entry((name,), title), (name, title)


def test_every_large_figure_is_explained() -> None:
    for each in catalogue():
        for pair in each.point.figures:
            for figure in pair:
                words = figure.words.replace("{cores}", "2").replace("{count}", "4").replace("{runs}", "four runs")
                assert Explained(("Headline",), [((f"1.0 {words}", DIM),)]).sign_at(0, 0), figure


def test_every_figure_on_the_screen_is_explained_where_the_mouse_points_at_it() -> None:
    everything = list(drawn())
    assert {type(panel) for panel, _, _ in everything} == {type(each) for each in all_panels.PANELS} - FREE_TEXT
    missing = {figure for panel, frame, lines in everything for figure in unexplained(panel, frame, lines)}
    assert not missing, "\n".join(sorted(missing))


def test_every_symbol_on_the_screen_is_explained() -> None:
    explained = {glyph for each in STATE_STYLES.values() for glyph in each.glyph}
    explained |= {glyph for topic in TOPICS for each in topic.entries for sign in each.signs for glyph in sign}
    pages = [*lab_lines(LABS, 100), *(line for size in SIZES for line in compare.lines(USUAL, 0, *size))]
    drawings = [(type(panel).__name__, lines) for panel, _, lines in drawn()]
    missing = {
        (name, character)
        for name, lines in (*drawings, ("pages", pages))
        for line in lines
        for character in text_of(line)
        if not character.isascii() and character not in explained | PUNCTUATION
    }
    assert not missing


def test_every_figure_of_the_pages_is_explained() -> None:
    lines = compare.lines(USUAL, 0, 160, 45)
    table = [y for y, line in enumerate(lines) if re.search(r"3\.1\dt? +[a-z]", text_of(line))]
    assert table
    for y in table:
        for match in re.finditer(r"\d[\d,.]*", text_of(lines[y])):
            assert Explained(("Compare",), lines).title_above(match.end() - 1, y), match[0]
    for line in lab_lines(LABS, 100)[4:6]:
        for match in re.finditer(r"\d+", text_of(line)):
            assert Explained(("Labs",), lab_lines(LABS, 100)).title_above(match.end() - 1, 4), match[0]


@pytest.mark.parametrize("width", [56, 76, 116, 146])
def test_the_lines_of_all_pages_fit(width: int) -> None:
    for tab in help_page.TABS[::2]:
        assert max(map(width_of, tab.lines(width))) <= width, tab.name


OPENED: list[tuple[str, str, str]] = [
    ("", "What you see", "Workers"),
    ("tab", "What you see", "Counters"),
    ("tab tab tab", "What you see", "Log"),
    ("b", "What you see", "Headline"),
    ("o", "What you see", "Code"),
    ("L", "What you see", "Labs"),
    ("r", "What you see", "Compare"),
    ("5 r", "What you see", "Compare"),
    ("e", "Experiments", "1 io-bound"),
    ("d D", "What you see", "Top lines"),
]


@pytest.mark.parametrize(("keys", "tab", "first"), OPENED, ids=[keys for keys, _, _ in OPENED])
def test_it_opens_at_what_is_in_front(keys: str, tab: str, first: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press(*keys.split())
        before = len(app.screen_stack)
        await pilot.press("question_mark")
        await shown(pilot, app, f"▸{tab}")
        assert len(app.screen_stack) == before + 1
        rows = [line.strip(" │") for line in on_screen(app).splitlines()]
        row = next(y for y, line in enumerate(rows) if line.startswith(first))
        assert row == 1 or TOPICS[-1].name == first
        await pilot.press("question_mark")
        await until(pilot, lambda: len(app.screen_stack) == before)

    with_app(replace(samples.THREADS, comparison=USUAL), steps, (80, 24), (PY313T, PY314))


def test_it_opens_at_the_tour_while_one_is_taken() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        app.go(Walk.start(all_tours()[0]))
        await pilot.press("question_mark")
        await shown(pilot, app, "▸What you see")
        assert "Tour" in on_screen(app).splitlines()[1]

    with_app(samples.THREADS, steps, (80, 24))


def test_its_pages_are_turned_by_keys_and_mouse() -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await pilot.press("question_mark", "tab")
        await shown(pilot, app, "▸Keys")
        await pilot.press("right")
        await shown(pilot, app, "▸Experiments")
        await pilot.press("shift+tab", "left", "left")
        await shown(pilot, app, "▸Experiments")
        title = on_screen(app).splitlines()[0]
        await pilot.click(offset=(title.index("Keys") + 1, 0))
        await shown(pilot, app, "▸Keys")

    with_app(samples.THREADS, steps, (200, 45))


TOOLTIPS = (
    ("GIL%", "waited for the GIL"),
    ("cores busy", "CPU time of the workers"),
    ("hand-offs/s", "the GIL goes from one worker"),
    ("switch", "requests the GIL"),
    ("t thread", "One more thread"),
    ("~ I/O, sleep", "needs neither GIL nor core"),
)


@pytest.mark.parametrize(("sign", "meaning"), TOOLTIPS)
def test_a_tooltip_explains_what_the_mouse_rests_on(sign: str, meaning: str) -> None:
    async def steps(pilot: Pilot[None], app: PconcApp, controller: FakeController) -> None:
        await until(pilot, lambda: sign in on_screen(app))
        lines = on_screen(app).splitlines()
        y, line = next((y, line) for y, line in enumerate(lines) if sign in line)
        await pilot.hover(offset=(line.index(sign), y))
        await until(pilot, lambda: meaning in " ".join(str(app.screen.query_one(Tooltip).content).split()))

    with_app(samples.THREADS, steps, tooltips=True)


def test_a_lane_and_a_row_are_explained_by_cell() -> None:
    frame = frame_of(samples.THREADS, 160, 45)
    in_sight = arrange(DashboardState(), samples.THREADS, 160, 45)
    shown_panels = {type(panel).__name__: (panel, region) for panel, region in in_sight.items()}
    panel, region = shown_panels["TimelinePanel"]
    lines = panel.lines(frame, *region.size)
    for glyph, sign in (("█", "running"), ("·", "waiting for the GIL")):
        y, x = next(
            (y, text_of(line).index(glyph, 15))
            for y, line in enumerate(lines)
            if "Thread-" in text_of(line) and glyph in text_of(line)[15:]
        )
        assert (found := panel.explained(frame, lines, x, y)) is not None
        assert found.sign == sign
    panel, region = shown_panels["WorkersPanel"]
    lines = panel.lines(frame, *region.size)
    row = text_of(lines[2])
    for value, title in (("11240", "PID"), ("waiting for GIL", "waiting for the GIL"), ("8.1k", "it/s")):
        if value in row:
            assert (found := panel.explained(frame, lines, row.index(value), 2)) is not None
            assert found.sign == title
