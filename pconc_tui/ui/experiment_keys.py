"""The keys that choose experiments: a digit on the dashboard; in the list a letter for each that has no digit."""

from __future__ import annotations

from pconc_tui.experiments import DIGITS, Experiment, catalogue

LIST_KEY = "e"
"""Opens the list, and closes it."""
LETTERS = "abcdfghijklmnoprstuvwxyz"
"""Without `e` and `q`, which close the list."""


def list_keys() -> dict[str, Experiment]:
    """The experiments by their keys in the list; if there are more than keys, the last ones have none."""
    found: dict[str, Experiment] = {}
    others = []
    for each in catalogue():
        if each.key in DIGITS and each.key not in found:
            found[each.key] = each
        else:
            others.append(each)
    return {**found, **dict(zip(LETTERS, others, strict=False))}


def list_key(id: str) -> str:
    """The experiment's key in the list; empty: it has none."""
    return next((key for key, each in list_keys().items() if each.id == id), "")


def dashboard_keys(id: str) -> str:
    """What to press on the dashboard to choose the experiment: `2`, or `e a` for one without a digit."""
    key = list_key(id)
    return key if key in DIGITS else f"{LIST_KEY} {key}".strip()
