"""Values to JSON and back, by the type hints of frozen dataclasses and NamedTuples: whole, or what has changed.

Decoding validates each type, so a file that is wrong gets no further than RecordingError. Example, of a dataclass with
the fields `name: str`, `cpu: float | None`, `log: tuple[Line, ...]`; a field at its default is left out:

    whole                         {"name": "Thread-1", "cpu": 0.5, "log": [{"text": "a"}]}
    a change of cpu               {"cpu": 0.25}
    the first line gone, a new    {"log": {"d": 1, "+": [{"text": "b"}]}}
    the same of the second        {"log": {"i": [[1, {"text": "c"}]]}}
    a whole one instead           {"=": {...}}
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import cache
from itertools import compress
from operator import is_not
from typing import Any, Union, get_args, get_origin, get_type_hints

from pconc_tui.recording.file_format import RecordingError

SAME: Any = object()
"""What `change` returns where nothing has changed."""
LARGEST_INT = 1 << 63
NON_FINITE = {"inf": float("inf"), "-inf": float("-inf"), "nan": float("nan")}
"""Floats that JSON has no form for, by the text that stands for them."""


class Codec:
    """Encodes and decodes values of one type; this one, those that are their own JSON."""

    def __init__(self, *allowed: type) -> None:
        self._allowed = allowed

    def encode(self, value: Any) -> Any:
        """The value as JSON."""
        return value

    def decode(self, found: Any) -> Any:
        """The value that `encode` has encoded. Raises RecordingError."""
        if type(found) not in self._allowed or (type(found) is int and not -LARGEST_INT <= found < LARGEST_INT):
            raise RecordingError(f"{str(found)[:40]!r} is not {' or '.join(each.__name__ for each in self._allowed)}")
        return found

    def change(self, before: Any, now: Any) -> Any:
        """What has changed, as JSON; SAME: nothing."""
        if before is now or (before == now and type(before) is type(now)):
            return SAME
        return self.encode(now)

    def apply(self, before: Any, change: Any) -> Any:
        """The value after the change. Raises RecordingError."""
        return self.decode(change)


class _Float(Codec):
    def encode(self, value: Any) -> Any:
        return value if value - value == 0 else str(value)

    def decode(self, found: Any) -> Any:
        if type(found) is str and found in NON_FINITE:
            return NON_FINITE[found]
        if type(found) is float and found - found != 0:
            raise RecordingError("a number is too large")
        return super().decode(found)


class _Enum(Codec):
    def __init__(self, kind: type[IntEnum]) -> None:
        super().__init__(int)
        self._values = {each.value: each for each in kind}

    def encode(self, value: Any) -> Any:
        return int(value)

    def decode(self, found: Any) -> Any:
        if type(found) is not int or found not in self._values:
            raise RecordingError(f"{str(found)[:40]!r} is no known state")
        return self._values[found]


class _Optional(Codec):
    def __init__(self, inner: Codec) -> None:
        self._inner = inner
        self._is_composite = isinstance(inner, _Composite)

    def encode(self, value: Any) -> Any:
        return None if value is None else self._inner.encode(value)

    def decode(self, found: Any) -> Any:
        return None if found is None else self._inner.decode(found)

    def change(self, before: Any, now: Any) -> Any:
        if now is None:
            return SAME if before is None else None
        if before is None:
            encoded = self._inner.encode(now)
            return {"=": encoded} if self._is_composite else encoded
        return self._inner.change(before, now)

    def apply(self, before: Any, change: Any) -> Any:
        return None if change is None else self._inner.apply(before, change)


class _Fixed(Codec):
    """A tuple with a type for each place."""

    def __init__(self, inner: Sequence[Codec]) -> None:
        self._inner = inner

    def encode(self, value: Any) -> Any:
        return [codec.encode(each) for codec, each in zip(self._inner, value, strict=True)]

    def decode(self, found: Any) -> Any:
        if type(found) is not list or len(found) != len(self._inner):
            raise RecordingError(f"{str(found)[:40]!r} is no list of {len(self._inner)}")
        return tuple(codec.decode(each) for codec, each in zip(self._inner, found, strict=True))


class _Map(Codec):
    def __init__(self, inner: Codec) -> None:
        self._inner = inner

    def encode(self, value: Any) -> Any:
        return {name: self._inner.encode(each) for name, each in value.items()}

    def decode(self, found: Any) -> Any:
        if type(found) is not dict:
            raise RecordingError(f"{str(found)[:40]!r} is no object")
        return {name: self._inner.decode(each) for name, each in found.items()}


class _Composite(Codec):
    """Its changes are written part by part; `=` in one stands for the whole value."""

    def apply(self, before: Any, change: Any) -> Any:
        if type(change) is not dict:
            raise RecordingError(f"{str(change)[:40]!r} is no change")
        if "=" in change:
            return self.decode(change["="])
        if before is None:
            raise RecordingError("a change of nothing")
        return self._apply_parts(before, change)

    def _apply_parts(self, before: Any, change: dict[str, Any]) -> Any:
        raise NotImplementedError


class _Items(_Composite):
    """A tuple of any length."""

    def __init__(self, inner: Codec) -> None:
        self._inner = inner

    def encode(self, value: Any) -> Any:
        return [self._inner.encode(each) for each in value]

    def decode(self, found: Any) -> Any:
        if type(found) is not list:
            raise RecordingError(f"{str(found)[:40]!r} is no list")
        return tuple(self._inner.decode(each) for each in found)

    def change(self, before: Any, now: Any) -> Any:
        if before is now or not (before or now):
            return SAME
        if not before or not now:
            return {"=": self.encode(now)}
        first = now[0]
        dropped = next((number for number, each in enumerate(before) if each is first), 0)
        common = min(len(before) - dropped, len(now))
        found: dict[str, Any] = {"d": dropped} if dropped else {}
        if dropped + common < len(before):
            found["n"] = common
        changes = [
            [number, change]
            for number in range(common)
            if (was := before[dropped + number]) is not (each := now[number])
            and (change := self._inner.change(was, each)) is not SAME
        ]
        if changes:
            found["i"] = changes
        if len(now) > common:
            found["+"] = [self._inner.encode(each) for each in now[common:]]
        return found or SAME

    def _apply_parts(self, before: Any, change: dict[str, Any]) -> Any:
        dropped, length = change.get("d", 0), change.get("n", len(before))
        if type(dropped) is not int or type(length) is not int or dropped < 0 or length < 0:
            raise RecordingError("a change of a list is malformed")
        items = list(before[dropped : dropped + length])
        for pair in _list(change.get("i", [])):
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not int or not 0 <= pair[0] < len(items):
                raise RecordingError("a change of a list is malformed")
            items[pair[0]] = self._inner.apply(items[pair[0]], pair[1])
        items += (self._inner.decode(each) for each in _list(change.get("+", [])))
        return tuple(items)


class _Record(_Composite):
    """A dataclass or a NamedTuple."""

    def __init__(self, kind: Any, left_out: frozenset[str]) -> None:
        self._kind = kind
        self._is_tuple = issubclass(kind, tuple)
        hints = {name: hint for name, hint in get_type_hints(kind).items() if name not in left_out}
        names = kind._fields if self._is_tuple else [each.name for each in dataclasses.fields(kind)]
        self._codecs = {name: codec(hints[name], left_out) for name in names if name in hints}
        self._all = [(name, self._codecs.get(name)) for name in names]
        """All fields, in the order in which an instance has them."""
        self._defaults = _defaults(kind)
        self._required = [name for name in self._codecs if name not in self._defaults]

    def encode(self, value: Any) -> Any:
        return {
            name: encoded
            for name, codec in self._codecs.items()
            if (encoded := codec.encode(getattr(value, name))) != self._defaults.get(name, SAME)
            or type(encoded) is not type(self._defaults.get(name, SAME))
        }

    def decode(self, found: Any) -> Any:
        if type(found) is not dict:
            raise RecordingError(f"{str(found)[:40]!r} is no {self._kind.__name__}")
        for name in self._required:
            if name not in found:
                raise RecordingError(f"a {self._kind.__name__} has no {name}")
        return self._kind(**{name: codec.decode(found[name]) for name, codec in self._codecs.items() if name in found})

    def change(self, before: Any, now: Any) -> Any:
        if before is now:
            return SAME
        found = {}
        # Most fields are the same objects as before: to find the others in C takes a third of the time.
        was, new = (before, now) if self._is_tuple else (before.__dict__.values(), now.__dict__.values())
        for (name, codec), old, each in compress(zip(self._all, was, new, strict=True), map(is_not, was, new)):
            if codec is not None and (change := codec.change(old, each)) is not SAME:
                found[name] = change
        return found or SAME

    def _apply_parts(self, before: Any, change: dict[str, Any]) -> Any:
        new = {
            name: self._codecs[name].apply(getattr(before, name), each)
            for name, each in change.items()
            if name in self._codecs
        }
        # `dataclasses.replace` takes five times as long.
        return before._replace(**new) if self._is_tuple else self._kind(**(vars(before) | new))


def _defaults(kind: Any) -> dict[str, Any]:
    """The fields that may be missing, with their values where those are simple."""
    if issubclass(kind, tuple):
        return dict(kind._field_defaults)
    found = {}
    for each in dataclasses.fields(kind):
        if each.default is not dataclasses.MISSING:
            found[each.name] = [] if each.default == () else each.default
        elif each.default_factory is not dataclasses.MISSING:
            found[each.name] = SAME
    return found


def _list(found: Any) -> list[Any]:
    if type(found) is not list:
        raise RecordingError(f"{str(found)[:40]!r} is no list")
    return found


@cache
def codec(hint: Any, left_out: frozenset[str] = frozenset()) -> Codec:
    """The codec of values with this type hint; fields named `left_out` are left out."""
    kind, inner = get_origin(hint) or hint, get_args(hint)
    if kind in (Union, types.UnionType):
        (some,) = (each for each in inner if each is not type(None))
        return _Optional(codec(some, left_out))
    if kind is tuple:
        if inner[-1] is Ellipsis:
            return _Items(codec(inner[0], left_out))
        return _Fixed([codec(each, left_out) for each in inner])
    if kind is dict or kind is Mapping:
        return _Map(codec(inner[1], left_out))
    if kind is float:
        return _Float(float, int)
    if kind in (int, str, bool):
        return Codec(kind)
    if issubclass(kind, IntEnum):
        return _Enum(kind)
    return _Record(kind, left_out)
