"""What the commands' arguments have in common: numbers within limits, and how wrong use is told."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from pconc_tui.models import START_METHODS

FAILED, MISUSED = 1, 2


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


def misused(message: str) -> int:
    """Say in one line what is wrong with what was asked for."""
    print(f"pconc-tui: {message}", file=sys.stderr)
    return MISUSED
