"""What the commands' arguments have in common: numbers within limits, and how wrong use is told."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from pconc_tui import experiments
from pconc_tui.experiments import Experiment
from pconc_tui.models import START_METHODS
from pconc_tui.protocol.function_ref import names_function

FAILED, MISUSED = 1, 2
WHOLE = "a function does all of its work; leave --scale away"
EXPERIMENT_HELP = (
    "an experiment's id, from `pconc-tui list`; or your own function: module:function, path/to/file.py:function"
)


def number(text: str, kind: type[float], least: float, most: float) -> Any:
    """A number within limits."""
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not least <= value <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least:g} to {most:g}")
    return value


def workers(text: str) -> int:
    """How many workers."""
    return int(number(text, int, 1, 256))


def interval(text: str) -> float:
    """A switch interval in seconds."""
    return float(number(text, float, 0.00005, 1))


def scale(text: str) -> float:
    """The part of an experiment's work."""
    return float(number(text, float, 0.0001, 1000))


def start_method(text: str) -> str:
    """How to start processes."""
    if text not in START_METHODS:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(START_METHODS)}")
    return text


def experiment_of(id: str, python: Callable[[], str]) -> Experiment:
    """The experiment with this id, or what the function that it names is as one, read by `python`.

    ValueError says in a line why there is none.
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


def misused(message: str) -> int:
    """Say in one line what is wrong with what was asked for."""
    print(f"pconc-tui: {message}", file=sys.stderr)
    return MISUSED
