"""Replays a recording as a controller: it serves recorded snapshots, and refuses what would run something."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from pconc_tui.protocol.lane_source import RECORDS_LAG_NS
from pconc_tui.recording.between import between
from pconc_tui.recording.player import Player
from pconc_tui.recording.reader import Recording
from pconc_tui.requests import Plan, Request, RequestError
from pconc_tui.snapshot import Snapshot

APPROACH_NS = 1_200_000_000
"""After a jump the frames of this time before the position are shown too: what changes once a second is as it was."""
MOST_IN_ORDER = 32
"""More frames than this at once are a jump."""
EVENTS = 2
"""After a jump, so many launches and results before the position are shown too: they bring panels to the front."""
REFUSAL = "A recording is shown, so nothing can be run or changed."


class Replay:
    """Implements `Controller` for a recording."""

    def __init__(
        self,
        recording: Recording,
        clock: Callable[[], int] = time.perf_counter_ns,
        part: tuple[int, int] | None = None,
    ) -> None:
        """`clock`: in ns; `part`: from when to when it is shown, None: the whole."""
        self.recording = recording
        self._clock = clock
        began_ns, ended_ns = part or (recording.began_ns, recording.ended_ns)
        self._player = Player(began_ns, ended_ns, began_ns, clock())
        self._shown = -1
        """Index of the last frame that was shown."""

    @property
    def player(self) -> Player:
        """Where it is now, and how fast it plays."""
        self._player = self._player.at(self._clock())
        return self._player

    def move(self, change: Callable[[Player], Player]) -> None:
        """Go on as this change of the player says."""
        self._player = change(self.player)

    def frames(self) -> Iterator[Snapshot]:
        """The frames from the last one shown to the position; after a jump, those that led to it."""
        before, index = self._shown, self._index(self.player.position_ns)
        self._shown = index
        if not before <= index <= before + MOST_IN_ORDER:
            yield from self._events(index)
            before = self._index(self.recording.frame_times[index] - APPROACH_NS) - 1
        for number in range(before + 1, index + 1):
            yield self._frame(number)

    def exact(self) -> Snapshot | None:
        """The snapshot at the position, in no frame; None: the frame before the position is shown as it was."""
        player = self.player
        if not player.exact:
            return None
        return between(self.poll(), self._final(player.position_ns), player.position_ns)

    def poll(self) -> Snapshot:
        """The last frame before the position."""
        return self.recording.at(self.player.position_ns)

    def _final(self, time_ns: int) -> Snapshot:
        """The first frame in which the lanes at this time are final, or the last one."""
        times = self.recording.frame_times
        return self.recording.at(times[min(bisect_left(times, time_ns + RECORDS_LAG_NS), len(times) - 1)])

    def _index(self, time_ns: int) -> int:
        return max(0, bisect_right(self.recording.frame_times, time_ns) - 1)

    def _frame(self, index: int) -> Snapshot:
        return self.recording.at(self.recording.frame_times[index])

    def _events(self, index: int) -> Iterator[Snapshot]:
        """The frames of the last launches and results up to this one, each with the one before it."""
        last_ns = self.recording.frame_times[index]
        found = [each.time_ns for each in self.recording.marks if each.time_ns <= last_ns and each.kind != "note"]
        for event in map(self._index, found[-EVENTS:]):
            yield from map(self._frame, range(max(0, event - 1), event + 1))

    # Requests

    def open_lab(self) -> None:
        """Do nothing: a recording needs no lab."""

    def launch(self, request: Request) -> None:
        """Refuse it, as all that follow."""
        raise RequestError(REFUSAL)

    def measure(self, request: Request) -> None:
        raise RequestError(REFUSAL)

    def compare(self, plan: Plan) -> None:
        raise RequestError(REFUSAL)

    def stop(self, worker: int) -> None:
        raise RequestError(REFUSAL)

    def stop_all(self) -> None:
        raise RequestError(REFUSAL)

    def kill(self, worker: int) -> None:
        raise RequestError(REFUSAL)

    def clear(self) -> None:
        raise RequestError(REFUSAL)

    def clear_scoreboard(self) -> None:
        raise RequestError(REFUSAL)

    def reset(self) -> None:
        raise RequestError(REFUSAL)

    def set_switch_interval(self, seconds: float) -> None:
        raise RequestError(REFUSAL)

    def close(self) -> None:
        """Close the file."""
        self.recording.close()
