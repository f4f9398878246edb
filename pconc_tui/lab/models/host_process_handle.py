"""The controller's side of a host process, which it starts with the first worker of the model."""

from __future__ import annotations

import os
from contextlib import suppress
from multiprocessing import ProcessError, connection, get_context
from multiprocessing.process import BaseProcess
from typing import Any, Dict, List, Optional, Tuple, Type

from pconc_tui.lab import stacks
from pconc_tui.lab.channel import ChannelOpener
from pconc_tui.lab.events import Events, describe_exit
from pconc_tui.lab.lifeline import Lifeline
from pconc_tui.lab.models.host_process import HostProcess, run_host_process
from pconc_tui.lab.process_watch import ProcessExit
from pconc_tui.protocol.block import Block
from pconc_tui.protocol.json_lines import encode_line, write_all


class HostProcessHandle:
    """Starts a model's host process and forwards commands to it."""

    def __init__(
        self,
        model: str,
        kind: Type[HostProcess],
        block: Block,
        events: Events,
        opener: ChannelOpener,
        lifeline: Lifeline,
    ) -> None:
        self._model = model
        self._arguments = kind, block, opener, lifeline
        self._events = events
        self._host: Optional[Tuple[BaseProcess, connection.Connection, ProcessExit]] = None
        self._newest = 0
        """The id of the last worker launched."""

    def launch(self, **command: Any) -> None:
        self._newest = max(spec["id"] for spec in command["workers"])
        if self._host is None:
            commands, sender = connection.Pipe(duplex=False)
            process = get_context().Process(
                target=run_host_process, args=(*self._arguments, commands), name=f"{self._model}-host"
            )
            try:
                process.start()
            except (OSError, EOFError, ProcessError) as error:
                sender.close()
                for spec in command["workers"]:
                    self._events.send_not_started(spec["id"], error)
                return
            finally:
                commands.close()
            self._host = process, sender, ProcessExit(process)
        self._send(do="launch", **command)

    def stop(self, workers: List[int]) -> None:
        self._send(do="stop", workers=workers)

    def kill(self, workers: List[int]) -> None:
        """Workers of one process can't be killed one by one, so the monitor never asks for it."""

    def report_stacks(self, workers: List[Tuple[int, int, int]]) -> None:
        """Have the host process report where these workers are in the user's code."""
        if not self._arguments[0].reads_stacks_at_signal:
            self._send(do="report_stacks", workers=workers)
            return
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, stacks.SIGNAL)

    def forget(self, group: int) -> None:
        self._send(do="forget", group=group)

    def pids(self) -> List[int]:
        """The host process, if it runs."""
        return [] if self._host is None or self._host[0].pid is None else [self._host[0].pid]

    def exit_fds(self) -> Dict[int, int]:
        return {} if self._host is None else {self._host[2].fd: 0}

    def join(self, _: int) -> None:
        """Join the host process, which was killed with all its workers, and report that."""
        assert self._host is not None
        process, commands, exit = self._host
        process.join()
        exit.close()
        self._events.send("host_died", model=self._model, newest=self._newest, ending=describe_exit(process.exitcode))
        commands.close()
        process.close()
        self._host = None

    def end(self) -> None:
        if self._host is not None:
            self._host[0].kill()
            self._host[0].join()

    def replace(self) -> None:
        """End the host process while it has no workers; the next launch starts another."""
        self.end()
        self.join(0)

    def _send(self, **command: Any) -> None:
        if self._host is not None:
            # If the host process has just died, its sentinel reports that.
            with suppress(BrokenPipeError):
                write_all(self._host[1].fileno(), encode_line(command))
