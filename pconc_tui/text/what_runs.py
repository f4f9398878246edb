"""What runs, and what the next launch starts, in words: in several forms, the longest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pconc_tui.protocol.function_ref import names_function
from pconc_tui.snapshot import Worker
from pconc_tui.text.headline_values import plural
from pconc_tui.text.numbers import version

_NOUNS = {
    "threads": "thread",
    "processes": "process",
    "interpreters": "interpreter",
    "free-threaded": "free-threaded thread",
}


def noun(model: str) -> str:
    """What a worker of this model is: `process`, `asyncio task`."""
    return _NOUNS.get(model, f"{model} task")


def one(model: str) -> str:
    """`a thread`, `an interpreter`."""
    return f"{'an' if noun(model)[0] in 'aeiou' else 'a'} {noun(model)}"


def briefly(experiment: str) -> str:
    """The experiment's id; of a user's function its name alone."""
    return experiment.rpartition(":")[2] if names_function(experiment) else experiment


def running(workers: Iterable[Worker]) -> list[str]:
    """`4 threads of cpu-bound, 1 process of queue`; `4 threads, 1 process`; `5 workers`."""
    alive = Counter((each.model, each.experiment, each.python) for each in workers if each.alive)
    if not alive:
        return ["nothing"]
    several = len({python for _, _, python in alive}) > 1
    forms = (
        _listed((noun(model), f" of {id}{_under(python, several)}", n) for (model, id, python), n in alive.items()),
        _listed((noun(model), f" of {briefly(id)}", n) for (model, id, _), n in alive.items()),
        _listed((noun(model), "", n) for (model, _, _), n in alive.items()),
        plural(alive.total(), "worker"),
    )
    return [*dict.fromkeys(forms)]


def _listed(kinds: Iterable[tuple[str, str, int]]) -> str:
    """Noun, the words after it, and number of each kind; those of the same words are one."""
    counts: Counter[tuple[str, str]] = Counter()
    for word, rest, number in kinds:
        counts[word, rest] += number
    return ", ".join(plural(count, word) + rest for (word, rest), count in counts.items())


def _under(python: str, several: bool) -> str:
    return f" under {version(python)}" if several and python else ""
