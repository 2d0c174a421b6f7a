"""Lines without a date: runs of different dates meet at them, and none is disturbed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.errors import PublishConflict
from ecom_platform.pipeline.ledger import undated as module
from ecom_platform.pipeline.ledger.undated import rebuild_undated, undated_rows
from ecom_platform_tests.samples import at

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


def overtaken(monkeypatch: pytest.MonkeyPatch, times: int, other: Any) -> None:
    """Let another run be quicker, some times, once this one has staged its rows."""
    stage_rows, left = module.stage_rows, [times]

    def stage(*arguments: Any) -> Any:
        staged = stage_rows(*arguments)
        if left[0]:
            left[0] -= 1
            monkeypatch.setattr(module, "stage_rows", stage_rows)
            other()
            monkeypatch.setattr(module, "stage_rows", stage)
        return staged

    monkeypatch.setattr(module, "stage_rows", stage)


def test_a_run_that_is_overtaken_looks_again(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1), "no event")
    platform.ingest()
    other = replace(platform.work, run_id="run-2")
    overtaken(monkeypatch, 1, lambda: rebuild_undated(other))
    assert rebuild_undated(platform.work) == 0
    assert [(row["run_id"], row["line_count"]) for row in undated_rows(platform.lake)] == [
        ("run-2", 1)
    ]


def test_a_run_that_is_overtaken_by_new_objects_counts_them_too(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1), "no event")
    platform.ingest()
    other = replace(platform.work, run_id="run-2")

    def arrive() -> None:
        rebuild_undated(other)
        platform.drop("b.csv", at(2), "none", "either")
        platform.ingest()

    overtaken(monkeypatch, 1, arrive)
    assert rebuild_undated(platform.work) == 1
    assert sum(row["line_count"] for row in undated_rows(platform.lake)) == 3


def test_a_run_that_is_overtaken_every_time_gives_way(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = iter("bcdefghijklm")
    platform.drop("a.csv", at(1))
    platform.ingest()
    other = replace(platform.work, run_id="run-2")

    def publish_again() -> None:
        platform.drop(f"{next(keys)}.csv", at(2))
        platform.ingest()
        rebuild_undated(other)

    # The last look finds another object that the quicker run has not counted.
    def arrive() -> None:
        publish_again()
        platform.drop(f"{next(keys)}.csv", at(3))
        platform.ingest()

    overtaken(monkeypatch, 5, arrive)
    with pytest.raises(PublishConflict, match="nothing is lost"):
        rebuild_undated(platform.work)
