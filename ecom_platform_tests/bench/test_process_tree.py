"""The memory and the processor time of a process and all that it started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.process_tree import (
    Sample,
    TreeSampler,
    busy_seconds,
    cpu_seconds,
    memory_of,
    processes_of,
)

MEGABYTES = 1_000_000
HOLD = "much = bytearray(b'x') * 150_000_000; print('held', flush=True); input()"
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {HOLD!r}], stdin=sys.stdin, stdout=sys.stdout)
child.wait()
"""

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    """A process that holds nothing itself, with a child that holds 150 MB."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        if process.poll() is None:
            process.communicate("\n")


@needs_proc
def test_memory_of_a_child_counts(parent: subprocess.Popen[str]) -> None:
    sampler = TreeSampler(parent.pid)
    sampler.sample()
    assert memory_of(parent.pid)["VmRSS"] < 100 * MEGABYTES
    assert 150 * MEGABYTES < sampler.highest < 300 * MEGABYTES


@needs_proc
def test_what_was_sampled_stays_known_when_the_process_is_gone(
    parent: subprocess.Popen[str],
) -> None:
    sampler = TreeSampler(parent.pid)
    sampler.sample()
    seen = sampler.cpu_seconds
    parent.communicate("\n")
    sampler.sample()
    assert len(sampler.samples) == 1
    assert sampler.cpu_seconds == seen


@needs_proc
def test_a_process_that_is_gone_has_no_memory_and_no_time() -> None:
    gone = 1 << 22  # above the largest id
    assert (memory_of(gone), cpu_seconds(gone), processes_of(gone)) == ({}, 0.0, [gone])


@needs_proc
def test_processor_time_is_that_of_the_operating_system() -> None:
    times = os.times()
    assert cpu_seconds(os.getpid()) == pytest.approx(times.user + times.system, abs=0.5)


@needs_proc
def test_the_machine_has_been_busy_for_longer_than_this_process() -> None:
    before = busy_seconds()
    own = cpu_seconds(os.getpid())
    assert before is not None
    assert own <= before <= (busy_seconds() or 0.0)


def test_a_peak_is_that_of_its_own_time() -> None:
    sampler = TreeSampler(0, samples=[Sample(1.0, 10), Sample(2.0, 30), Sample(3.0, 20)])
    assert sampler.peak(0.5, 1.5) == 10
    assert sampler.peak(0.5, 3.5) == 30
    assert sampler.highest == 30


def test_a_time_between_two_samples_has_the_nearest_one() -> None:
    sampler = TreeSampler(0, samples=[Sample(1.0, 10), Sample(2.0, 30)])
    assert sampler.peak(1.7, 1.8) == 30
    assert TreeSampler(0).peak(0.0, 1.0) == 0


def test_processor_time_is_told_of_a_time_between() -> None:
    sampler = TreeSampler(
        0, samples=[Sample(1.0, 1, 0.5), Sample(2.0, 1, 2.0), Sample(3.0, 1, 2.5)]
    )
    assert sampler.cpu_between(0.9, 2.1) == 1.5
    assert sampler.cpu_between(2.1, 9.0) == 0.5
    assert TreeSampler(0).cpu_between(0.0, 1.0) == 0.0
