"""What the arguments of several commands share: exit statuses, numbers within limits, experiments, usage errors."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from pconc_tui import experiments
from pconc_tui.experiments import Experiment
from pconc_tui.models import START_METHODS
from pconc_tui.protocol.function_ref import names_function
from pconc_tui.text.printable import printable

EXIT_FAILURE, EXIT_USAGE = 1, 2
SCALE_OF_FUNCTION = "a function does all of its work; omit --scale"
EXPERIMENT_HELP = (
    "an experiment's id, from `pconc-tui list`; or your own function: module:function, path/to/file.py:function"
)


def number(text: str, kind: type[float], least: float, most: float) -> Any:
    """A number of this type within limits."""
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least:g} to {most:g}")
    return value


def workers(text: str) -> int:
    """A number of workers."""
    return int(number(text, int, 1, 256))


def interval(text: str) -> float:
    """A switch interval in seconds."""
    return float(number(text, float, 0.00005, 1))


def scale(text: str) -> float:
    """The part of an experiment's work that each worker does."""
    return float(number(text, float, 0.0001, 1000))


def start_method(text: str) -> str:
    """A start method of `multiprocessing`."""
    if text not in START_METHODS:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(START_METHODS)}")
    return text


def experiment_of(id: str, python: Callable[[], str]) -> Experiment:
    """The experiment with this id, or one made from the function of this name; `python()` is the path of the
    interpreter that reads the function's source.

    ValueError: there is no such experiment or function.
    """
    if not names_function(id):
        if id in experiments.ids():
            return experiments.load(id)
        raise ValueError(
            f"no experiment {id!r}; there are {', '.join(experiments.ids())}; "
            "your own function is module:function or file.py:function"
        )
    from pconc_tui.experiments.user_function import read

    found = read(id, python())
    experiments.add(found)
    return found


def usage_error(message: str) -> int:
    """Print a usage error in one line, and return its exit status."""
    print(f"pconc-tui: {printable(message)}", file=sys.stderr)
    return EXIT_USAGE
