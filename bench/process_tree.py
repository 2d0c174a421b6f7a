"""A process tree's memory and processor time, sampled from /proc while it runs.

Belongs here: reading /proc. Not here: starting processes, or what they do.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")
_SECONDS_BETWEEN_SAMPLES = 0.05
_KIB = 1024


@dataclass(frozen=True)
class Sample:
    """All processes of a tree at one moment (Unix time).

    Attributes:
        at: the moment.
        resident_bytes: their resident memory together.
        cpu_seconds: processor time that the tree has used since its start.
    """

    at: float
    resident_bytes: int
    cpu_seconds: float = 0.0


@dataclass
class TreeSampler:
    """Samples a process and its descendants in a thread of its own until it is stopped.

    Attributes:
        samples: what was seen, in order; empty where there is no /proc.
    """

    pid: int
    samples: list[Sample] = field(default_factory=list)
    _cpu_seconds: dict[int, float] = field(default_factory=dict)
    _high_water: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to sample; without /proc nothing is sampled."""
        if (_PROC / str(self.pid)).exists():
            self._thread = threading.Thread(target=self._work, name="tree-sampler", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if self._thread:
            self._thread.join()

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all processes seen, user and system."""
        return sum(self._cpu_seconds.values())

    @property
    def highest(self) -> int:
        """The highest memory of the whole time; 0 where there is no /proc."""
        return max([self._high_water, *(s.resident_bytes for s in self.samples)])

    def peak(self, begin: float, end: float) -> int:
        """The highest memory between two moments; the nearest sample if none lies between."""
        between = [s.resident_bytes for s in self.samples if begin <= s.at <= end]
        if not between and self.samples:
            between = [min(self.samples, key=lambda s: abs(s.at - end)).resident_bytes]
        return max(between, default=0)

    def cpu_between(self, begin: float, end: float) -> float:
        """Processor time between two moments, to the nearest samples."""
        used = [
            min(self.samples, key=lambda s: abs(s.at - moment)).cpu_seconds
            for moment in (begin, end)
            if self.samples
        ]
        return used[1] - used[0] if used else 0.0

    def sample(self) -> None:
        """Look at the tree once."""
        resident = 0
        for pid in processes_of(self.pid):
            memory = memory_of(pid)
            resident += memory.get("VmRSS", 0)
            # Of one process the kernel keeps the peak, also that between two samples.
            self._high_water = max(self._high_water, memory.get("VmHWM", 0))
            self._cpu_seconds[pid] = max(cpu_seconds(pid), self._cpu_seconds.get(pid, 0.0))
        if resident:
            self.samples.append(Sample(time.time(), resident, self.cpu_seconds))

    def _work(self) -> None:
        while not self._stopped.wait(_SECONDS_BETWEEN_SAMPLES):
            self.sample()


def busy_seconds() -> float | None:
    """Processor time that all cores of the machine have been busy since it started.

    Time that the host gave to other machines (steal) counts: it was not ours. None where there is
    no /proc.
    """
    first_line = _read(_PROC / "stat").partition("\n")[0].split()
    if not first_line:
        return None
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, first_line[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def processes_of(root: int) -> list[int]:
    """A process and all its descendants that live."""
    found, ahead = [], [root]
    while ahead:
        pid = ahead.pop()
        found.append(pid)
        for task in _entries(_PROC / str(pid) / "task"):
            children = _read(task / "children")
            ahead += [int(child) for child in children.split()]
    return found


def memory_of(pid: int) -> dict[str, int]:
    """Resident memory of one process in bytes, now (VmRSS) and at most (VmHWM); {} when gone."""
    lines = _read(_PROC / str(pid) / "status").splitlines()
    return {
        name: int(value.split()[0]) * _KIB
        for name, _, value in (line.partition(":") for line in lines)
        if name in ("VmRSS", "VmHWM")
    }


def cpu_seconds(pid: int) -> float:
    """User and system time of one process (utime, stime of /proc/<pid>/stat); 0 when gone."""
    # The name in brackets may hold anything: count the fields from the last bracket.
    fields = _read(_PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # the process ended
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the process ended
        return ""
