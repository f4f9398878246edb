"""What the arguments of several commands share: exit statuses, numbers within limits, experiments, usage errors."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any

from pconc_tui import experiments
from pconc_tui.experiments import Experiment
from pconc_tui.models import START_METHODS
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.text.printable import printable

EXIT_FAILURE, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 128 + signal.SIGINT
_PASSING = re.compile(r"killed by signal (?:1|2|9|15)\b|the lab died")
EXPERIMENT_HELP = (
    "an experiment's id, from `pconc-tui list`; or your own function: module:function, path/to/file.py:function"
)

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?(?:e-?[0-9]+)?|\.[0-9]+(?:e-?[0-9]+)?")


def number(kind: type[float], least: float, most: float) -> Callable[[str], Any]:
    """The type of an argument that is a number of this type within limits.

    It is in plain digits: Python's own `1_0`, `٣`, ` 4 ` and `nan` are refused.
    """

    def parse(text: str) -> float:
        if _NUMBER.fullmatch(text):
            with suppress(ValueError):
                value = kind(text)
                if least <= value <= most:
                    return value
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least:g} to {most:g}")

    return parse


workers = number(int, 1, 256)
scale = number(float, 0.0001, 1000)
"""The part of an experiment's work that each worker does."""


def filled(text: str) -> str:
    """A text that is not empty."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the value is empty")
    return text


def names(text: str) -> list[str]:
    """Names with commas between them; none where there is nothing else, which the command has to refuse."""
    found = [name.strip() for name in text.split(",")]
    if not any(found):
        return []
    if not all(found):
        raise argparse.ArgumentTypeError(f"a name in {text!r} is empty")
    return found


def add_measuring_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `run` and `compare` that say how to measure."""
    parser.add_argument(
        "--calls",
        metavar="N",
        type=number(int, 1, 1_000_000),
        help="each worker calls your own function N times (default: once)",
    )
    parser.add_argument(
        "--no-single-run",
        action="store_false",
        dest="single_run",
        help="measure only the N runs, without a ratio: for a function that waits for what other workers do",
    )
    parser.add_argument(
        "--time-limit",
        metavar="S",
        type=number(float, 0.1, 1_000_000),
        help="after S seconds, stop the workers and print what was measured so far, as Ctrl+C does",
    )


def add_record_option(parser: argparse.ArgumentParser) -> None:
    """Add the option of those commands that can record what they show."""
    parser.add_argument(
        "--record",
        metavar="FILE",
        type=filled,
        help="record everything into FILE, a gzipped trace (.json.gz) that Perfetto and other trace viewers open",
    )


def check_work(experiment: str, scale: float | None, calls: int | None) -> None:
    """Check that --scale is used for experiments and --calls for functions. ValueError: it is not."""
    if names_function(experiment):
        if scale not in (None, 1):
            raise ValueError("a function does all of its work; omit --scale, and use --calls N to call it N times")
    elif calls is not None:
        raise ValueError("--calls is for your own function; use --scale F for an experiment")


def start_method(text: str) -> str:
    """A start method of `multiprocessing`."""
    if text not in START_METHODS:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(START_METHODS)}")
    return text


def experiment_of(id: str, pythons: Callable[[], Sequence[str]]) -> Experiment:
    """The experiment with this id, or one made from the function of this name; `pythons()` are the paths of the
    interpreters that may read the function's source: the first that can does.

    ValueError: there is no such experiment or function.
    """
    if not names_function(id):
        if id in experiments.ids():
            return experiments.load(id)
        raise ValueError(
            f"no experiment {id!r}; there are {', '.join(experiments.ids())}; "
            "your own function is module:function or file.py:function"
        )
    from pconc_tui.experiments.user_function import FunctionError, read

    problem: FunctionError | None = None
    for python in pythons():
        try:
            found = read(id, python)
        except FunctionError as error:
            problem = problem or error
        else:
            experiments.add(found)
            return found
    assert problem is not None
    raise problem


def run_again(problem: str) -> str:
    """The advice to repeat a measurement, where its problem may not come back: something killed a process."""
    return "; run it again" if _PASSING.search(problem) else ""


def output_width() -> int | None:
    """The width of the terminal that standard output is, in cells; None: it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def complain(message: str) -> None:
    """Print what is wrong in one line on standard error."""
    print(printable(f"pconc-tui: {message}"), file=sys.stderr)


def usage_error(message: str) -> int:
    """Print a usage error in one line, and return its exit status."""
    complain(message)
    return EXIT_USAGE


def catch_interrupts() -> None:
    """Let Ctrl+C raise KeyboardInterrupt, unless it is ignored; until then it ends the process at once."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class CommandError(Exception):
    """A command can't be carried out; the message says why."""


def check_system() -> None:
    """Raise CommandError where the system doesn't have what measurements read."""
    if sys.platform == "linux" and not os.path.exists("/proc/self/stat"):
        raise CommandError("needs /proc, which is not mounted here")


@contextmanager
def writing(path: str, file: IO[str]) -> Iterator[None]:
    """A context in which the file is written. Raises CommandError where that fails."""
    try:
        yield
        file.flush()
    except OSError as error:
        # What is left in the buffer must not fail once more when the file is closed.
        with open(os.devnull, "w") as nothing:
            os.dup2(nothing.fileno(), file.fileno())
        raise CommandError(f"can't write {path}: {error.strerror}") from error
