"""Running one program and measuring it: seconds, processor time, peak memory, stage by stage.

Belongs here: the child process and what it tells. Not here: which program, or why.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.process_tree import TreeSampler, busy_seconds

_LINES_OF_A_FAILURE = 15
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Stage:
    """A part of a program's work.

    Attributes:
        name: what was done.
        group: the row of the comparison that it counts for.
        seconds: how long it took.
        peak_bytes: highest resident memory of the process tree meanwhile.
        cpu_seconds: processor time of the process tree meanwhile.
    """

    name: str
    group: str
    seconds: float
    peak_bytes: int
    cpu_seconds: float = 0.0


@dataclass
class Measurement:
    """One run of one program.

    Attributes:
        seconds: from its start to its end.
        cpu_seconds: processor time, user and system, of the process tree.
        peak_bytes: highest resident memory of the process tree.
        others_cores: cores that other programs kept busy meanwhile, on average.
        stages: in their order.
        counts: what it counted.
        facts: whatever else it told.
        failure: why it failed; None when it did not.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    others_cores: float = 0.0
    stages: list[Stage] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    failure: str | None = None


class MeasuredProgram:
    """A program that tells of its stages in lines of JSON on its standard output.

    Args:
        command: the program and its arguments.
        log: file for its standard error, and for output that is no JSON.
        folder: its working folder.
        environment: its whole environment; None for this process's own.
        output: where its standard output goes; by default it is listened to.
        hear: told of every stage as it ends, by name and seconds.
        timeout: seconds after which it is killed.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        output: int = subprocess.PIPE,
        hear: Callable[[str, float], None] = lambda _name, _seconds: None,
        timeout: float = 7200.0,
    ) -> None:
        self._command = list(command)
        self._log = log
        self._folder = folder
        self._environment = environment
        self._output = output
        self._hear = hear
        self._timeout = timeout
        self._lines: list[tuple[float, dict[str, Any]]] = []

    def run(self) -> Measurement:
        """Run it to its end. A failure of the program is part of the result."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("w", encoding="utf-8") as log:
            started, clock, busy = time.time(), time.perf_counter(), busy_seconds()
            child = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
                text=True,
                start_new_session=True,  # so that its children can be killed with it
            )
            sampler = TreeSampler(child.pid)
            sampler.start()
            killer = threading.Timer(self._timeout, _kill, [child.pid])
            killer.start()
            try:
                self._listen(child, log)
                _, status, usage = os.wait4(child.pid, 0)
                child.returncode = os.waitstatus_to_exitcode(status)
            except BaseException:
                _kill(child.pid)
                raise
            finally:
                killer.cancel()
                sampler.stop()
            seconds = time.perf_counter() - clock
        measured = self._measurement(child.returncode, started, seconds, sampler, usage)
        if busy is not None:
            of_all = (busy_seconds() or 0.0) - busy
            measured.others_cores = max(of_all - measured.cpu_seconds, 0.0) / seconds
        return measured

    def _listen(self, child: subprocess.Popen[str], log: Any) -> None:
        for line in child.stdout or ():
            try:
                told = json.loads(line)
            except ValueError:
                told = None
            if isinstance(told, dict):
                self._lines.append((time.time(), told))
                if "stage" in told:
                    self._hear(str(told["stage"]), float(told["seconds"]))
            else:
                log.write(line)

    def _measurement(
        self,
        exit_code: int,
        started: float,
        seconds: float,
        sampler: TreeSampler,
        usage: resource.struct_rusage,
    ) -> Measurement:
        measured = Measurement(seconds=seconds)
        # The kernel's count misses children that were never waited for, sampling the last moment.
        measured.cpu_seconds = max(usage.ru_utime + usage.ru_stime, sampler.cpu_seconds)
        # The kernel's own peak counts from the fork, when the child still was this process.
        measured.peak_bytes = sampler.highest or usage.ru_maxrss * _RSS_UNIT
        for arrived, told in self._lines:
            if "stage" in told:
                spent = float(told["seconds"])
                ended = float(told.get("ended", arrived))
                peak = sampler.peak(ended - spent, ended)
                cpu = sampler.cpu_between(ended - spent, ended)
                group = str(told.get("group", told["stage"]))
                measured.stages.append(Stage(str(told["stage"]), group, spent, peak, cpu))
            measured.counts |= told.get("counts", {})
            measured.facts |= told.get("facts", {})
        if exit_code != 0:
            measured.failure = self._failure(exit_code, seconds)
        # Moments that a program tells are Unix times: here they become seconds since its start.
        for name, value in measured.facts.items():
            if name.endswith("_at"):
                measured.facts[name] = round(value - started, 3)
        return measured

    def _failure(self, exit_code: int, seconds: float) -> str:
        if exit_code == -signal.SIGKILL and seconds >= self._timeout:
            return f"killed after {self._timeout:g} s"
        tail = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = "\n".join(tail[-_LINES_OF_A_FAILURE:])
        return f"exit code {exit_code}:\n{said}"


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:  # it ended by itself
        return
