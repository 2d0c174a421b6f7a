"""`ecom maintain`: what it shows, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecom_platform.pipeline import maintenance
from ecom_platform_tests.s3_in_small import everywhere_at_length
from ecom_platform_tests.upkeep_in_small import FACT, everything, hourly

if TYPE_CHECKING:
    import pytest

    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.platform_in_small import SmallPlatform


@everywhere_at_length
def test_it_tells_what_would_be_done_and_then_does_it(
    platform: SmallPlatform, ecom: Ecom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    hourly(platform)
    before, paths = everything(platform.lake), platform.paths(FACT)
    said = ecom("maintain", "--dry-run")
    assert said.code == 0, said.err
    assert "Nothing was changed" in said.out
    assert platform.paths(FACT) == paths
    done = ecom("maintain")
    assert done.code == 0, done.err
    (line,) = (line for line in done.out.splitlines() if FACT in line)
    assert "4 → 1" in line
    assert everything(platform.lake) == before


def test_a_fault_is_told_and_gives_the_exit_code(
    platform: SmallPlatform, ecom: Ecom, monkeypatch: pytest.MonkeyPatch
) -> None:
    hourly(platform, hours=2)

    def refuse(*_: object) -> maintenance.CompactionReport:
        return maintenance.CompactionReport(faults=["rows differ"])

    monkeypatch.setattr(maintenance, "compact", refuse)
    ended = ecom("maintain")
    assert ended.code == 1
    assert "rows differ" in ended.err


def test_a_lake_without_tables_is_no_fault(ecom: Ecom) -> None:
    assert ecom("maintain").code == 0
