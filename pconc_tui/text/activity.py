"""What runs, and what the next launch starts, in words: in several forms, the longest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

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
    alive = [each for each in workers if each.alive]
    if not alive:
        return ["nothing"]
    several = len({each.python for each in alive}) > 1

    def listed(words: Callable[[Worker], tuple[str, str]]) -> str:
        kinds = Counter(map(words, alive))
        return ", ".join(plural(count, word) + rest for (word, rest), count in kinds.items())

    forms = (
        listed(lambda each: (noun(each.model), f" of {each.experiment}" + _under(each, several))),
        listed(lambda each: (noun(each.model), f" of {briefly(each.experiment)}")),
        listed(lambda each: (noun(each.model), "")),
        plural(len(alive), "worker"),
    )
    return [*dict.fromkeys(forms)]


def _under(worker: Worker, several: bool) -> str:
    return f" under {version(worker.python)}" if several and worker.python else ""
