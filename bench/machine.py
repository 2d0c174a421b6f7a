"""The machine and the versions that a measurement was made with.

Belongs here: facts for the record. Not here: measuring.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

PACKAGES = "dagster duckdb isal polars pyarrow pyiceberg pysail pyspark".split()
_GIB = 1 << 30


def describe_machine() -> dict[str, str]:
    """Processor, cores, memory and system, as far as the machine tells."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    facts = {"processor": _processor(), "cores": str(cores)}
    total = re.search(r"^MemTotal:\s+(\d+) kB", _read("/proc/meminfo"), re.MULTILINE)
    if total:
        facts["memory"] = f"{int(total[1]) * 1024 / _GIB:.1f} GiB"
    return facts | {"system": f"{platform.system()} {platform.release()} {platform.machine()}"}


def machine_in_a_line() -> str:
    """The machine and how busy it is, for what is printed and not published."""
    told = ", ".join(f"{name} {value}" for name, value in describe_machine().items())
    return f"{told}; load {os.getloadavg()[0]:.1f}"


def describe_versions() -> dict[str, str]:
    """Python, the packages that work, gzip and Java; those that are absent are left out."""
    versions = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    for program, option, pattern in (
        ("gzip", "--version", r"gzip (\S+)"),
        ("java", "-version", r'version "([^"]+)"'),
    ):
        if shutil.which(program):
            said = subprocess.run([program, option], capture_output=True, text=True, check=False)
            found = re.search(pattern, said.stdout + said.stderr)
            versions[program] = found[1] if found else "?"
    return versions


def _processor() -> str:
    model = re.search(r"^model name\s*:\s*(.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return model[1].strip() if model else platform.processor() or platform.machine()


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:  # not Linux
        return ""
