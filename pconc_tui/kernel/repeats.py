"""Drops records that came twice. Pure.

A thread that starts while its parent is being attached to inherits the parent's events of those cores that were done
by then: of none, of some, or of all. So it gets events of its own too, and where it has both, all comes twice:

    core 0   IN 1000   IN 1000.1   OUT 1500   OUT 1500.1     it inherited this core's event, and its own is to be closed
    core 1   IN 2000   OUT 2700                              it has its own only

A thread can't get or lose the same core twice in a row, and does nothing else so either. So the second record of a
thread on a core shows whether all come twice there; from the first that does not, they don't.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pconc_tui.kernel.records import Decoded, Exit, Fork, Lost, Record, switches


class _Doubt:
    """Whether a thread's records on a core come twice is not known."""

    def __init__(self, since_ns: int) -> None:
        self.since_ns = since_ns
        """From when on they do, at the latest."""
        self.last: Record | None = None
        self.has_repeated = False
        """Whether the last one has come again."""


class Repeats:
    """Threads whose records may come twice. `expect` each, then pass all records on through `without`."""

    def __init__(self) -> None:
        self._doubtful: dict[tuple[int, int], _Doubt] = {}
        """By core and thread."""

    def expect(self, tid: int, cpus: Iterable[int], since_ns: int) -> None:
        """This thread's records may come twice on these cores: from this time on at the latest, if they do."""
        for cpu in cpus:
            doubt = self._doubtful.setdefault((cpu, tid), _Doubt(0))
            doubt.since_ns = max(doubt.since_ns, since_ns)

    def without(self, records: Sequence[Decoded]) -> tuple[Sequence[Decoded], set[tuple[int, int]]]:
        """The records, ordered by time, without those that came before; and the cores and threads of the latter."""
        if not self._doubtful:
            return records, set()
        kept: list[Decoded] = []
        repeated: set[tuple[int, int]] = set()
        for record in switches(records):
            if not self._is_repeat(record):
                kept.append(record)
            elif not isinstance(record, Lost):
                repeated.add((record.cpu, _writer(record)))
        return kept, repeated

    def _is_repeat(self, record: Record) -> bool:
        if isinstance(record, Lost):
            return False
        key = record.cpu, _writer(record)
        doubt = self._doubtful.get(key)
        if doubt is not None:
            if doubt.last is not None and type(doubt.last) is type(record) and doubt.last[1:] == record[1:]:
                doubt.has_repeated = True
                return True
            if doubt.last is not None and doubt.last.time_ns >= doubt.since_ns and not doubt.has_repeated:
                del self._doubtful[key]
            doubt.last, doubt.has_repeated = record, False
        if isinstance(record, Fork):  # The child inherits all events, those that repeat others included.
            self.expect(record.tid, [cpu for cpu, tid in self._doubtful if tid == record.parent_tid], 0)
        elif isinstance(record, Exit):
            for each in [each for each in self._doubtful if each[1] == record.tid and each != key]:
                del self._doubtful[each]
        return False


def _writer(record: Fork | Record) -> int:
    """The thread in whose event the record was written."""
    return record.parent_tid if isinstance(record, Fork) else record.tid  # type: ignore[union-attr]
