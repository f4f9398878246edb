"""Claims: `busy <= 1.3`, `late > 3 * alone`, `slowdown < threads.slowdown`; judged by the figures that are shown.

A claim is a value, a comparison and a bound: a number with a unit, or a value, perhaps multiplied. It holds where it
holds for every sample of the values, so that one lucky sample proves nothing.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pconc_tui.text.numbers import UNKNOWN

Sample = Mapping[str, str]
"""Values by name, as they are shown; those that are not known are not in it."""
Samples = tuple[Sample, ...]

_UNITS = {"": 1.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "%": 0.01}
_QUANTITY = re.compile(r"(?P<less>< )?(?P<number>-?[0-9][0-9,]*(?:\.[0-9]+)?)(?: ?(?P<unit>%|s|ms|µs|us))?")
_NAME = r"[a-z_]+(?:\.[a-z_]+)?"
_CLAIM = re.compile(
    rf"(?P<value>{_NAME}) *(?P<comparison>[<>=!]=|[<>]) *"
    rf"(?:(?:(?P<factor>[0-9.]+) *\* *)?(?P<other>{_NAME})|(?P<bound>[^a-z*].*))"
)
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
VALUE_IN_TEXT = re.compile(rf"\{{({_NAME})\}}")
"""A value in a template."""


def quantity(text: str) -> float | None:
    """The number that a figure shows, in seconds or as a share: `249,120`, `15 ms`, `31 %`; None: it is none.

    `< 0.1 %`, which is more than nothing, counts as half of that.
    """
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return None
    number = float(found["number"].replace(",", "")) * _UNITS[found["unit"] or ""]
    return number / 2 if found["less"] else number


@dataclass(frozen=True)
class Claim:
    """What must hold for a reveal to be true."""

    text: str
    value: str
    comparison: str
    bound: float
    """The bound, or what the other value is multiplied by."""
    other: str | None = None

    @classmethod
    def parse(cls, text: str) -> Claim:
        """The claim that the text spells. Raises ValueError with what is wrong with it."""
        found = _CLAIM.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is not a value, a comparison and a bound, such as 'busy <= 1.3'")
        other, number = found["other"], found["factor"] if found["other"] else found["bound"]
        bound = 1.0 if number is None else quantity(number)
        if bound is None:
            raise ValueError(f"{number!r} is not a number, with a unit such as ms or %")
        return cls(text.strip(), found["value"], found["comparison"], bound, other)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its values."""
        return (self.value, self.other) if self.other else (self.value,)

    def judged(self, samples: Samples, earlier: Mapping[str, Samples]) -> bool | None:
        """Whether it holds for every sample; None: a value is not known. `earlier`: of named steps."""
        values = numbers(self.value, samples, earlier)
        bounds = [self.bound * each for each in numbers(self.other, samples, earlier)] if self.other else [self.bound]
        if not values or not bounds:
            return None
        compare = _COMPARISONS[self.comparison]
        return all(compare(value, bound) for value in values for bound in bounds)


def texts(name: str, samples: Samples, earlier: Mapping[str, Samples]) -> list[str]:
    """The value in each sample in which it is known."""
    step, dot, value = name.rpartition(".")
    return [sample[value] for sample in (earlier.get(step, ()) if dot else samples) if value in sample]


def numbers(name: str, samples: Samples, earlier: Mapping[str, Samples]) -> list[float]:
    """The same as numbers."""
    return [number for text in texts(name, samples, earlier) if (number := quantity(text)) is not None]


def spread(found: Iterable[str]) -> str:
    """The median and range of figures: `4.1 (3.9 to 4.3)`; of two the range; of text that is no number the last."""
    found = list(found)
    if not found:
        return UNKNOWN
    known = sorted((number, text) for text in found if (number := quantity(text)) is not None)
    if len(known) < len(found):
        return found[-1]
    middle, first, last = known[(len(known) - 1) // 2][1], known[0][1], known[-1][1]
    if first == last:
        return middle
    return f"{first} to {last}" if len(known) == 2 else f"{middle} ({first} to {last})"


def filled(template: str, samples: Samples, earlier: Mapping[str, Samples]) -> str:
    """The template with its values, each with its range."""
    return VALUE_IN_TEXT.sub(lambda found: spread(texts(found[1], samples, earlier)), template)


def names_in(template: str) -> Iterator[str]:
    """The names of the template's values."""
    return (found[1] for found in VALUE_IN_TEXT.finditer(template))
