"""The verdict: whether every line is accounted for, computed from the ledger and never assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyiceberg.expressions import AlwaysTrue

from ecom_platform.pipeline.ledger.verdict import judge_ledger
from ecom_platform_tests.ledger_in_small import LEDGER, fill, rebuild_ledger, run_all
from ecom_platform_tests.samples import at

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


def verdict(platform: SmallPlatform) -> str:
    return str(judge_ledger(platform.lake))


def test_before_the_ledger_is_built_there_is_no_verdict(platform: SmallPlatform) -> None:
    assert judge_ledger(platform.lake) is None
    assert not platform.lake.settings.lake_path.exists()
    fill(platform)
    platform.run()
    assert judge_ledger(platform.lake) is None
    assert LEDGER not in platform.lake.existing_tables()


def test_a_complete_ledger_names_every_fate(platform: SmallPlatform) -> None:
    fill(platform)
    run_all(platform)
    assert judge_ledger(platform.lake).is_complete
    assert verdict(platform) == (
        "14 lines were read, and every one is accounted for: 2 malformed, 4 clean, 5 duplicate, "
        "3 rejected"
    )
    platform.drop("b.csv", at(9))
    run_all(platform)
    assert "15 lines were read" in verdict(platform)
    assert ", 5 superseded, " in verdict(platform)


def test_what_is_not_counted_yet_or_waits_is_told(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    run_all(platform)
    platform.drop("b.csv", at(2), at(3))
    platform.ingest()
    assert verdict(platform) == (
        "3 lines were read; the row ledger is not complete: +2 are not in the ledger, it is stale "
        "on 1 dates"
    )
    rebuild_ledger(platform)
    assert verdict(platform) == (
        "3 lines were read; the row ledger is not complete: 2 wait to be rebuilt"
    )
    platform.run()
    rebuild_ledger(platform)
    assert judge_ledger(platform.lake).is_complete


def test_lines_without_a_date_that_the_ledger_lost_are_missed(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), "no,event")
    run_all(platform)
    ledger = platform.lake.table(LEDGER)
    undated = [file for file in ledger.files() if file.event_date is None]
    ledger.commit(remove=undated, add=[], replaces=AlwaysTrue(), properties={})
    assert not judge_ledger(platform.lake).is_complete
    assert "+1 are not in the ledger" in verdict(platform)
