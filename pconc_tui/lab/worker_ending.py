"""How a worker ended, in words."""

from __future__ import annotations

from pconc_tui.lab.launch import Launch, WorkerSpec
from pconc_tui.protocol.function_ref import UNUSABLE, UnusableFunctionError, names_function
from pconc_tui.protocol.user_environment import standard_library
from pconc_tui.worker.waiter import Stopped

DONE = "done"
STOPPED = "stopped"
UNREPORTED = "ended without a report"
"""The ending of a worker that could not report another, as where its code has closed all files."""


def ending_of(error: BaseException, launch: Launch, spec: WorkerSpec) -> str:
    """The ending of a worker that this exception ended."""
    if issubclass(type(error), Stopped):
        return STOPPED
    if issubclass(type(error), UnusableFunctionError):
        return UNUSABLE + str(error)
    if issubclass(type(error), SystemExit):
        code = getattr(error, "code", None)
        return f"SystemExit: {code}" if code else DONE
    with standard_library():
        # Imported only here, since it takes a sixth of the time that an interpreter needs to start.
        from pconc_tui.lab.tracebacks import describe

    return describe(error).summary + _index_note(error, launch, spec)


def _index_note(error: BaseException, launch: Launch, spec: WorkerSpec) -> str:
    """Where a function received the worker's index as a parameter that seems to mean something else: a remark."""
    if not names_function(launch.experiment) or not issubclass(type(error), Exception):
        return ""
    from pconc_tui.lab import user_function_call

    parameter = user_function_call.index_parameter(launch.experiment)
    return f" (index {spec.index} was passed as its first parameter, {parameter})" if parameter else ""
