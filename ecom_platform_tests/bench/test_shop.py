"""The bench of the shop's changes measures what it says, in small."""

from __future__ import annotations

import pytest

from bench import shop


@pytest.mark.slow
def test_folding_and_replication_are_measured(capfd: pytest.CaptureFixture[str]) -> None:
    assert shop.main(["--rows", "2000", "--changes", "3000"]) == 0
    said = capfd.readouterr().out.splitlines()
    told = [line for line in said if line.startswith(("inserts", "20 updates"))]
    assert len(told) == 3
    for line in told:
        *parts, total = map(float, line[34:].split())
        assert total == pytest.approx(sum(parts), abs=0.02)
    assert sum("rows/s" in line for line in said) == 2
