"""The row ledger: every line that was read has one fate, counted from what is stored."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts.reasons import EVENT_REASONS
from ecom_platform.pipeline.ledger import dates as module
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.ledger_in_small import (
    LEDGER,
    account,
    accounts,
    fill,
    rebuild_ledger,
    run_all,
)
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.s3_in_small import everywhere, everywhere_at_length
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)
FREE = {"price": "0.00"}
NO_SESSION = {"user_session": ""}
WISH = {"event_type": "wish"}
A, B = "events/a.csv", "events/b.csv"


# --- What it says


@everywhere
def test_every_line_has_one_fate_by_object_date_and_hour(platform: SmallPlatform) -> None:
    fill(platform)
    run_all(platform)
    said = accounts(platform, "source_object", "event_date", "event_hour")
    clean = {"clean": 1, "fact": 1}
    assert said == {
        (A, DAY, 1): {"line": 3, "raw": 3, "clean": 2, "fact": 2, "duplicate": 1},
        (A, DAY, 2): {
            "line": 3,
            "raw": 3,
            "rejected": 3,
            **{f"rejected_{reason}": 1 for reason in EVENT_REASONS},
        },
        (A, DAY, None): {"line": 1, "malformed": 1, "malformed_bad_price": 1},
        (A, NEXT_DAY, 5): {"line": 1, "raw": 1, **clean},
        (A, None, None): {"line": 1, "malformed": 1, "malformed_field_count": 1},
        (B, DAY, 1): {"line": 2, "raw": 2, "duplicate": 2},
        (B, DAY, 2): {"line": 1, "raw": 1, "duplicate": 1},
        (B, DAY, 4): {"line": 1, "raw": 1, **clean},
        (B, NEXT_DAY, 5): {"line": 1, "raw": 1, "duplicate": 1},
        (B, None, None): {},
    }
    assert all(row["object_status"] == "current" for row in platform.rows(LEDGER))
    recorded = platform.lake.objects.ingested()
    lines = {key: said["line"] for key, said in accounts(platform, "source_object").items()}
    assert lines == {key: outcome.line_count for key, outcome in recorded.items()}


def test_what_is_counted_needs_not_be_counted_again(platform: SmallPlatform) -> None:
    fill(platform)
    assert len(run_all(platform)) == 2
    before = platform.state(LEDGER)
    assert rebuild_ledger(platform) == []
    assert platform.state(LEDGER) == before


def test_the_numbers_of_a_date_are_recorded_with_its_publication(platform: SmallPlatform) -> None:
    fill(platform)
    run_all(platform)
    measures = platform.lake.publications.published(LEDGER)[DAY].measures
    assert (measures["line_count"], measures["raw_count"]) == (11, 10)
    assert (measures["clean_count"], measures["duplicate_count"]) == (3, 4)
    assert (measures["rejected_count"], measures["malformed_count"]) == (3, 1)
    assert (measures["pending_count"], measures["lost_count"], measures["fact_count"]) == (0, 0, 3)


@everywhere_at_length
def test_a_new_version_supersedes_the_lines_of_the_old_one(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2), "no,event")
    run_all(platform)
    platform.drop("a.csv", at(1), {**at(3, day=NEXT_DAY), **FREE})
    run_all(platform)
    assert accounts(platform, "object_status", "event_date") == {
        ("superseded", None): {"line": 3, "superseded": 3},
        ("current", None): {},
        ("current", DAY): {"line": 1, "raw": 1, "clean": 1, "fact": 1},
        ("current", NEXT_DAY): {
            "line": 1,
            "raw": 1,
            "rejected": 1,
            "rejected_price_not_positive": 1,
        },
    }


def test_an_old_version_that_is_delivered_again_is_the_current_one(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1), at(2))
    run_all(platform)
    platform.drop("a.csv", at(3))
    run_all(platform)
    platform.drop("a.csv", at(1), at(2))
    run_all(platform)
    assert accounts(platform, "object_status") == {
        "superseded": {"line": 1, "superseded": 1},
        "current": {"line": 2, "raw": 2, "clean": 2, "fact": 2},
    }


def test_a_refused_object_is_there_without_a_line(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    run_all(platform)
    platform.drop("a.csv", text="nothing,like,events\n1,2,3\n")
    platform.drop("b.csv", content=b"\x1f\x8b cut")
    run_all(platform)
    assert accounts(platform, "source_object", "object_status") == {
        (A, "current"): {"line": 1, "raw": 1, "clean": 1, "fact": 1},
        (A, "refused"): {},
        (B, "refused"): {},
    }


def test_a_date_that_only_malformed_lines_name_is_counted(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {**at(1), "price": "dear"}, {**at(2), "user_id": "0"})
    run_all(platform)
    assert accounts(platform, "event_date", "event_hour") == {
        (DAY, None): {
            "line": 2,
            "malformed": 2,
            "malformed_bad_price": 1,
            "malformed_bad_user_id": 1,
        },
        (None, None): {},
    }


def test_real_rows_are_all_accounted_for(platform: SmallPlatform, real_rows: Path) -> None:
    from ecom_platform_tests.pipeline.test_real_rows import KEY, recount

    target = platform.lake.settings.landing_path / KEY
    target.parent.mkdir(parents=True)
    shutil.copy2(real_rows, target)
    expected = recount(real_rows)
    run_all(platform)
    said = account(platform)
    assert said["line"] == expected.raw + expected.malformed
    assert (said["raw"], said["malformed"]) == (expected.raw, expected.malformed)
    assert said["duplicate"] == expected.duplicates
    assert said["clean"] == said["fact"] == sum(expected.facts.values())
    for reason, count in expected.rejected.items():
        assert said[f"rejected_{reason}"] == count


# --- Rows that are on their way


@everywhere_at_length
def test_raw_rows_that_are_not_rebuilt_yet_are_pending_and_not_lost(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1))
    run_all(platform)
    platform.drop("b.csv", at(1), at(2))
    platform.ingest()
    rebuild_ledger(platform)
    # Of hour 1 nothing is said: what clean_events holds of it was built from other raw rows.
    assert accounts(platform, "event_hour") == {
        None: {},
        1: {"line": 2, "raw": 2, "pending": 2},
        2: {"line": 1, "raw": 1, "pending": 1},
    }
    platform.rebuild("clean_events")
    rebuild_ledger(platform)
    assert account(platform)["pending"] == 3  # the fact lags behind
    platform.rebuild("fact_user_events")
    rebuild_ledger(platform)
    assert account(platform) == {"line": 3, "raw": 3, "clean": 2, "fact": 2, "duplicate": 1}


def test_of_an_open_date_only_the_hours_with_news_are_counted_anew(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = utc(f"{DAY} 12:00")
    platform.drop("a.csv", at(1), at(2), written_at=noon)
    run_all(platform, noon)
    before = {row["event_hour"]: row for row in platform.rows(LEDGER)}
    seen = []
    count = module.count_fates
    monkeypatch.setattr(
        module, "count_fates", lambda b, u: seen.append(b.slice_.hours) or count(b, u)
    )
    platform.drop("b.csv", at(2), {**at(9), "price": "dear"}, at(10), written_at=noon)
    run_all(platform, noon)
    # Those between the first and the last event of b.csv: it may have rows in any of them.
    assert seen == [tuple(range(2, 11))]
    after = {
        (row["source_object"], row["event_hour"]): row
        for row in platform.rows(LEDGER)
        if row["event_date"]
    }
    assert after[A, 1] == before[1]
    assert after[A, 2]["counted_at"] > before[2]["counted_at"]
    assert (after[B, 2]["duplicate_count"], after[B, 10]["fact_count"]) == (1, 1)
    assert after[B, None]["malformed_bad_price_count"] == 1


@everywhere_at_length
def test_a_date_is_counted_anew_on_demand(platform: SmallPlatform) -> None:
    fill(platform)
    run_all(platform)
    said = accounts(platform, "source_object", "event_date", "event_hour")
    for slice_ in stale_dates(platform.lake, LEDGER, [DAY], LONG_AFTER, rebuild=True).values():
        module.rebuild_row_ledger(platform.work, slice_)
    assert accounts(platform, "source_object", "event_date", "event_hour") == said
