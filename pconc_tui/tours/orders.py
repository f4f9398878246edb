"""What a tour asks of the monitor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from pconc_tui.requests import Request, RequestError


class Recipient(Protocol):
    """Carries out a tour's orders: the monitor."""

    def launch(self, request: Request) -> None: ...
    def measure(self, request: Request) -> None: ...
    def stop_all(self) -> None: ...
    def clear(self) -> None: ...
    def set_switch_interval(self, seconds: float) -> None: ...


class Order:
    """Something that the monitor is to do."""

    def send(self, to: Recipient) -> None:
        """Send it. Raises RequestError where it is refused."""
        raise NotImplementedError


@dataclass(frozen=True)
class StopAll(Order):
    """Stop all workers, and the measurement or comparison."""

    def send(self, to: Recipient) -> None:
        to.stop_all()


@dataclass(frozen=True)
class Clear(Order):
    """Forget ended workers, counters and the log."""

    def send(self, to: Recipient) -> None:
        to.clear()


@dataclass(frozen=True)
class SwitchInterval(Order):
    """Set the switch interval."""

    seconds: float

    def send(self, to: Recipient) -> None:
        to.set_switch_interval(self.seconds)


@dataclass(frozen=True)
class Launch(Order):
    """Start one more worker."""

    request: Request

    def send(self, to: Recipient) -> None:
        to.launch(self.request)


@dataclass(frozen=True)
class Measure(Order):
    """Measure one run and N runs."""

    request: Request

    def send(self, to: Recipient) -> None:
        to.measure(self.request)


def send(orders: Iterable[Order], to: Recipient) -> str:
    """Send orders one after another; returns why one was refused, after which none is sent, or an empty string."""
    try:
        for order in orders:
            order.send(to)
    except RequestError as error:
        return str(error)
    return ""
