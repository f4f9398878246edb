"""Measurements in the words of the article, the same on every screen and in every output."""

from __future__ import annotations

from collections.abc import Sequence

from pconc_tui.models import model_label
from pconc_tui.snapshot import Counters, Lab, Measurement, Wait, Worker

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


def runs(n: int) -> str:
    """`One run`, `Four runs`, `16 runs`."""
    word = _NUMBERS[n] if n < len(_NUMBERS) else str(n)
    return f"{word} run" + ("s" if n != 1 else "")


def seconds(value: float | None) -> str:
    """`0.61 s`, and more digits where it is very short."""
    if value is None:
        return "-"
    return f"{value:.2f} s" if value >= 0.1 else f"{value * 1000:.1f} ms"


def time_left(value: float | None) -> str:
    """`12 s left`, `3 min left`."""
    if value is None:
        return "time left: -"
    return f"{value:.0f} s left" if value < 100 else f"{value / 60:.0f} min left"


def gil(lab: Lab) -> str:
    """`GIL on`, or what has become of a free-threaded build: `free-threaded, GIL off`."""
    if lab.gil_enabled is None:
        return "GIL -"
    if not lab.free_threaded_build:
        return "GIL on"
    return "free-threaded, GIL turned on" if lab.gil_enabled else "free-threaded, GIL off"


def model_and_python(what: Measurement | Counters, under: str = "") -> str:
    """`threads`, `processes by spawn`; with the interpreter, where there are several: `threads under 3.13t`."""
    return model_label(what.model, what.start_method) + (f" under {under}" if under else "")


def sentence(measurement: Measurement) -> str:
    """The line that people know from the article."""
    one, many = seconds(measurement.one_run_s), seconds(measurement.n_runs_s)
    if measurement.deadlock:
        never = f"{runs(measurement.workers)} never ended: {deadlock(measurement.deadlock)}"
        return f"{runs(1)} took {one} · {never} · {model_and_python(measurement)}"
    if measurement.slowdown is None:
        return f"{runs(1)} took {one} · incomplete: {measurement.problem} · {model_and_python(measurement)}"
    return (
        f"{runs(1)} took {one} · {runs(measurement.workers)} took {many} · "
        f"{measurement.slowdown:.2f} x · {model_and_python(measurement)}"
    )


def sampled(workers: Sequence[Worker]) -> str:
    """How the lanes were made that the workers did not report; empty where there are none."""
    seen = [worker.sampling for worker in workers if worker.sampling is not None]
    rates = [each.rate_hz for each in seen if each.rate_hz]
    if not seen:
        return ""
    often = (
        f"{sum(rates) / len(rates):,.0f} times a second" if rates else "from outside: it was over before the first look"
    )
    lanes = (
        "lanes sampled" if not any(each.calls_probe for each in seen) else "lanes by probe(), what blocks them sampled"
    )
    problems = dict.fromkeys(each.problem for each in seen if each.problem)
    return f"{lanes} {often}" + "".join(f"; {problem}" for problem in problems)


def wait(found: Wait) -> str:
    """`Thread-1 waits for lock B, held by Thread-2`."""
    held = f", held by {found.holder}" if found.holder else ""
    return f"{found.worker} waits for lock {found.lock}{held}"


def deadlock(waits: tuple[Wait, ...]) -> str:
    """`deadlock: Thread-1 waits for lock B, held by Thread-2; Thread-2 waits for lock A, held by Thread-1`."""
    return "deadlock: " + "; ".join(map(wait, waits))
