"""The row ledger in Dagster: date by date, in single runs and ranges, also with a bad date."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from pyiceberg.expressions import AlwaysTrue

from ecom_platform.pipeline.ledger import dates as module
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.ledger_in_small import LEDGER, account, accounts, fill
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform_tests.assets.conftest import Orchestrated
    from ecom_platform_tests.platform_in_small import SmallPlatform

DAYS = [DAY + dt.timedelta(days=n) for n in range(3)]
KEYS = [day.isoformat() for day in DAYS]


def test_a_run_tells_the_numbers_of_a_date_and_counts_lines_without_one(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    fill(platform)
    run = dagster.run(DAY)
    assert run.success
    told = run.materialized[LEDGER, KEYS[0]]
    names = "line raw malformed duplicate rejected clean fact pending lost".split()
    assert [told[f"{name}_count"] for name in names] == [11, 10, 1, 4, 3, 3, 3, 0, 0]
    assert told["malformed_bad_price_count"] == told["rejected_null_user_session_count"] == 1
    assert accounts(platform, "event_date")[None] == {
        "line": 1,
        "malformed": 1,
        "malformed_field_count": 1,
    }
    assert set(run.checks(LEDGER, KEYS[0]).values()) == {True}


def test_in_a_range_run_a_date_that_does_not_add_up_is_refused_and_no_other_waits(
    dagster: Orchestrated, platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", *(at(1, day=day) for day in DAYS))
    assert dagster.run(DAYS[0], DAYS[2]).success
    platform.drop("b.csv", *(at(2, day=day) for day in DAYS))
    count = module.count_fates

    def of_the_first_hour(rows):
        return [row for row in rows if row["event_time"].hour == 1]

    def lose_a_row(build, unsettled):
        if build.slice_.event_date != DAYS[1]:
            return count(build, unsettled)
        with published_instead(platform.lake, "clean_events", of_the_first_hour, DAYS[1]):
            return count(build, unsettled)

    monkeypatch.setattr(module, "count_fates", lose_a_row)
    run = dagster.run(DAYS[0], DAYS[2])
    assert not run.success
    failure = run.failures[LEDGER]
    assert failure.startswith(f"{LEDGER}: refused {KEYS[1]}; every other date of this run is")
    assert f"events/b.csv {KEYS[1]}: 1 raw rows against 0 clean" in failure
    assert {key for asset, key in run.materialized if asset == LEDGER} == {KEYS[0], KEYS[2]}
    assert not run.checks(LEDGER, KEYS[1])["raw_rows_reconcile"]
    assert run.checks(LEDGER, KEYS[0])["raw_rows_reconcile"]
    lines = {date: said["line"] for date, said in accounts(platform, "event_date").items() if date}
    assert lines == {DAYS[0]: 2, DAYS[1]: 1, DAYS[2]: 2}
    monkeypatch.undo()
    assert dagster.run(DAYS[0], DAYS[2]).success
    assert account(platform) == {"line": 6, "raw": 6, "clean": 6, "fact": 6}


def test_lines_without_a_date_that_do_not_add_up_fail_the_run(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1), "no,event")
    assert dagster.run(DAY).success
    platform.drop("b.csv", "no,event", "nor,this")
    platform.ingest()
    malformed = platform.lake.table("rejected_events")
    (file,) = [f for f in malformed.files() if f.only("source_object") == "events/b.csv"]
    malformed.commit(remove=[file], add=[], replaces=AlwaysTrue(), properties={})
    run = dagster.run(DAY)
    assert not run.success
    assert "events/b.csv: 2 lines were read, 0 stand in raw_events and 0" in run.failures[LEDGER]
    assert account(platform)["line"] == 2
