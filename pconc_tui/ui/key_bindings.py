"""The table of all commands: keys, footer text, help text and palette entry of each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.binding import Binding
from textual.keys import key_to_character

from pconc_tui.experiments import DIGITS
from pconc_tui.ui.experiment_keys import LIST_KEY, list_keys


@dataclass(frozen=True)
class Command:
    """Something the user can do. The first key is the one that the footer shows."""

    keys: tuple[str, ...]
    action: str
    label: str
    help: str
    group: str
    footer_rank: int | None = None
    """Where the footer is narrow, the commands with the highest rank are left out; None: never in the footer."""
    key_text: str = ""
    """How the first key is written; empty: as its name."""
    priority: bool = False
    """Whether Textual handles the key before any widget does."""

    @property
    def name(self) -> str:
        """The action's name, as `check_action` is given it."""
        return self.action.removeprefix("app.").partition("(")[0]

    @property
    def key(self) -> str:
        return self.key_text or self.keys[0]


RUN, CHOOSE, TIME, VIEW = "Run", "Choose", "Timeline", "View"
FIRST, TOUR, REPLAY = "While nothing has run", "During a tour", "In a recording"
WATCH = "While a program is watched"
SLOW = "In slow motion"

_BY_DIGIT = {key: each.id for key, each in list_keys().items() if key in DIGITS}

COMMANDS = (
    Command(("t",), "app.launch('threads')", "thread", "One more thread of the chosen experiment", RUN, 1),
    Command(("p",), "app.launch('processes')", "process", "One more process of the chosen experiment", RUN, 2),
    Command(("a", "enter"), "app.launch_chosen", "another", "One more worker in the chosen model", RUN, 16),
    Command(("m",), "app.measure", "measure", "Measure one run, then N at once", RUN, 3),
    Command(("r",), "app.compare", "compare", "Compare models and interpreters, with a verdict", RUN, 6),
    Command(("s",), "app.stop", "stop", "Stop the selected worker", RUN, 9),
    Command(("k",), "app.kill", "kill", "Kill the selected process (SIGKILL)", RUN, 12),
    Command(("S",), "app.stop_all", "stop all", "Stop all workers and the measurement", RUN, 4),
    Command(("c",), "app.clear", "clear", "Clear ended workers, counters and log", RUN, 13),
    Command(("C",), "app.clear_scoreboard", "clear scores", "Clear the scoreboard", RUN),
    Command(("R",), "app.reset", "reset", "Reset everything to the start", RUN, 14),
    Command((LIST_KEY,), "app.pick('experiment')", "experiments", "Experiments: choose from the list", CHOOSE, 5),
    *(Command((digit,), f"app.choose('{digit}')", id, f"Experiment {id}", CHOOSE) for digit, id in _BY_DIGIT.items()),
    Command(("l",), "app.toggle_lock", "lock", "Turn the lock on or off", CHOOSE, 10),
    Command(("v",), "app.next_variant", "variant", "Next variant of the experiment", CHOOSE, 14),
    Command(
        ("d",),
        "app.next_model",
        "model",
        "Next model, pinned for all experiments",
        CHOOSE,
        11,
    ),
    Command(("D",), "app.pick('model')", "models", "Models: pin one for all experiments, or unpin it", CHOOSE),
    Command(("f",), "app.next_method", "start", "Next start method of processes", CHOOSE, 98),
    Command(("F",), "app.pick('start method')", "starts", "Start methods: choose from the list", CHOOSE),
    Command(("i",), "app.pick('interpreter')", "python", "Interpreters: choose from the list", CHOOSE, 11),
    Command(("n", "right_parenthesis"), "app.workers(1)", "workers", "More workers when measuring", CHOOSE, 15, "n N"),
    Command(("N", "left_parenthesis"), "app.workers(-1)", "fewer workers", "Fewer workers when measuring", CHOOSE),
    Command(("minus",), "app.switch(-1)", "shorter switch", "Shorter switch interval", CHOOSE, None, "-"),
    Command(("plus", "equals_sign"), "app.switch(1)", "switch", "Longer switch interval", CHOOSE, 9, "- +"),
    Command(("space",), "freeze", "freeze", "Freeze the screen, or go back to live", TIME, 6),
    Command(("z", "less_than_sign"), "zoom(-1)", "zoom", "Zoom in", TIME, 9, "z Z"),
    Command(("Z", "greater_than_sign"), "zoom(1)", "zoom out", "Zoom out", TIME),
    Command(("left", "left_square_bracket"), "scroll(-0.25)", "back", "Scroll back in time", TIME, 17, "← →"),
    Command(("right", "right_square_bracket"), "scroll(0.25)", "forward", "Scroll forward in time", TIME, None, "→"),
    Command(("x",), "slow", "slow", "Play the timeline in slow motion, with each step in words", TIME, 8),
    Command(("up",), "move(-1)", "up", "Select the worker above, or scroll the panel", VIEW, None, "↑"),
    Command(("down",), "move(1)", "down", "Select the worker below, or scroll the panel", VIEW, None, "↓"),
    Command(("pageup",), "page(-1)", "page up", "One page up", VIEW, None, "PgUp"),
    Command(("pagedown",), "page(1)", "page down", "One page down", VIEW, None, "PgDn"),
    Command(("home",), "end(-1)", "first", "To the first worker or line", VIEW, None, "Home"),
    Command(("end",), "end(1)", "last", "To the last worker or line", VIEW, None, "End"),
    Command(("tab",), "next_panel(1)", "panel", "Next panel", VIEW, 7, "Tab", priority=True),
    Command(("shift+tab",), "next_panel(-1)", "panel before", "Previous panel", VIEW, None, "Shift+Tab", priority=True),
    Command(("o",), "app.code", "code", "The experiment's code, and what to watch", VIEW, 8),
    Command(
        ("L",),
        "app.labs",
        "labs",
        "Labs: interpreters, GILs, hand-offs per second",
        VIEW,
        21,
    ),
    Command(("A",), "app.programs", "programs", "Python programs that run on this machine: watch one", VIEW, 9),
    Command(("T",), "app.tour", "tours", "Take a guided tour, or leave it", VIEW, 7),
    Command(("b",), "projector", "projector", "Projector mode: fewer panels, larger figures", VIEW, 8),
    Command(("B",), "app.theme", "theme", "Light theme, or back to the dark one", VIEW),
    Command(("w", "ctrl+s"), "app.save", "save", "Save a screenshot (SVG)", VIEW, 20),
    Command(("W",), "app.save_last_minute", "save minute", "Save a recording of the last minute (trace)", VIEW),
    Command(("question_mark", "f1", "h"), "app.help", "help", "Help", VIEW, 0, "?"),
    Command(("ctrl+z",), "app.suspend_process", "suspend", "Suspend; `fg` in the shell resumes", VIEW, None, "Ctrl+Z"),
    Command(("q", "ctrl+q"), "app.quit", "quit", "Quit; asks once more where something would be lost", VIEW, 0),
    Command(
        ("ctrl+c",),
        "app.interrupt",
        "quit",
        "Copy selected text; else quit, in a comparison: cancel it",
        VIEW,
        None,
        "Ctrl+C",
    ),
)


PRIORITY_KEYS = ("ctrl+c", "ctrl+q", "ctrl+z")
FIRST_COMMAND = Command(("enter",), "app.tour_first", "tour", "Take a tour of one minute", FIRST)
"""What the key does while nothing has run."""
TOUR_COMMANDS = (
    Command(("space", "enter", "right", "pagedown"), "app.tour_on", "on", "On, to the next step", TOUR),
    Command(("left", "pageup"), "app.tour_back", "back", "Back, to the step before", TOUR),
    *(
        Command((str(n),), f"app.tour_answer({n})", f"answer {n}", f"Answer {n} to the question", TOUR)
        for n in range(1, 5)
    ),
    Command(("m",), "app.tour_again", "repeat", "Repeat the step that has been revealed", TOUR),
    Command(("r",), "app.tour_recorded", "recorded", "Show the recorded run of the step, or go back", TOUR),
    Command(("b", "full_stop"), "app.tour_blank", "blank", "Blank the screen, or show it again", TOUR),
)
"""What keys do while a tour is taken, where that differs; see `check_action` of the app."""
REPLAY_COMMANDS = (
    Command(("space", "p"), "app.replay_pause", "pause", "Pause, or play on; at the end, play it once more", REPLAY),
    Command(
        ("left", "left_square_bracket"), "app.replay_step(-1)", "back", "Back: 2 s at speed 1", REPLAY, None, "← →"
    ),
    Command(
        ("right", "right_square_bracket"), "app.replay_step(1)", "forward", "Forward by as much", REPLAY, None, "→"
    ),
    Command(("comma",), "app.replay_handoff(-1)", "hand-off", "To the hand-off before, and pause", REPLAY, None, ", ."),
    Command(
        ("full_stop",), "app.replay_handoff(1)", "next hand-off", "To the next hand-off, and pause", REPLAY, None, "."
    ),
    Command(("less_than_sign",), "app.replay_speed(-1)", "speed", "Slower, to 1/1000", REPLAY, None, "< >"),
    Command(
        ("greater_than_sign",), "app.replay_speed(1)", "faster", "Faster, to 16 times the speed", REPLAY, None, ">"
    ),
    Command(("g",), "app.replay_time", "go to", "Go to a time", REPLAY),
    Command(("home",), "app.replay_end(0)", "start", "To the start", REPLAY, None, "Home"),
    Command(("end",), "app.replay_end(1)", "end", "To the end", REPLAY, None, "End"),
    Command(("r",), "app.replay_comparison", "comparison", "Show the recorded comparison", REPLAY),
)
"""What keys do while a recording is shown, where that differs."""
WATCH_COMMANDS = (
    Command(("enter",), "app.native_threads", "native threads", "Native threads one by one, or in one line", WATCH),
    Command(("L",), "app.processes", "processes", "Its processes: interpreter, GIL, threads", WATCH),
)
"""What keys do while a program is watched, where that differs."""
SLOW_COMMANDS = (
    Command(("full_stop",), "slow_step(1)", "hand-off", "To the next hand-off, and pause there", SLOW, None, ", ."),
    Command(("comma",), "slow_step(-1)", "hand-off before", "To the hand-off before, and pause there", SLOW),
    Command(("greater_than_sign",), "slow_speed(1)", "speed", "Faster, up to 1/10", SLOW, None, "< >"),
    Command(("less_than_sign",), "slow_speed(-1)", "slower", "Slower, down to 1/1000", SLOW),
    Command(("space",), "slow_pause", "pause", "Pause, or play on", SLOW),
    Command(("z",), "slow_zoom(-1)", "zoom", "Zoom in, to one switch interval", SLOW, None, "z Z"),
    Command(("Z",), "slow_zoom(1)", "zoom out", "Zoom out, to 20 switch intervals", SLOW),
    Command(("left", "left_square_bracket"), "slow_scroll(-0.25)", "back", "Back in time", SLOW, None, "← →"),
    Command(("right", "right_square_bracket"), "slow_scroll(0.25)", "forward", "Forward in time", SLOW, None, "→"),
    Command(("home",), "slow_end(-1)", "start", "To the first launch", SLOW, None, "Home"),
    Command(("end",), "slow_end(1)", "end", "To the newest moment", SLOW, None, "End"),
    Command(("x", "escape"), "slow_leave", "leave", "Leave slow motion", SLOW),
)
"""What keys do in slow motion, where that differs; see `check_action` of the dashboard."""
ALL_COMMANDS = (*COMMANDS, *SLOW_COMMANDS, FIRST_COMMAND, *TOUR_COMMANDS, *WATCH_COMMANDS, *REPLAY_COMMANDS)
_RUNNING = [command for command in COMMANDS if command.group in (RUN, CHOOSE) or command.name == "tour"]
RUNNING = frozenset(command.name for command in _RUNNING)
"""The actions that launch, stop or choose; some or all can't be done where a program or a recording is only shown."""
_REFUSABLE = RUNNING | {"code", "programs", "save_last_minute"}
_REFUSED = [replace(each, action=f"app.refuse('{each.name}')") for each in COMMANDS if each.name in _REFUSABLE]
"""What keys do where their command is not possible: say why."""


def bindings() -> list[Binding]:
    """A binding for every key of every command; the first of those with the same key that is possible counts."""
    return [
        Binding(key, command.action, command.label, show=False, priority=command.priority or key in PRIORITY_KEYS)
        for command in (
            *SLOW_COMMANDS,
            FIRST_COMMAND,
            *TOUR_COMMANDS,
            *REPLAY_COMMANDS,
            *WATCH_COMMANDS,
            *_REFUSED,
            *COMMANDS,
        )
        for key in command.keys
    ]


_NAMES = {
    "minus": "-",
    "plus": "+",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "space": "space",
}


def key_name(key: str) -> str:
    """A key as it is written on the keyboard."""
    if key in _NAMES:
        return _NAMES[key]
    character = key_to_character(key)
    return character if character and character.isprintable() else key.title()
