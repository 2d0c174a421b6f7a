"""The hourly job in Dagster: each date commits alone and tells its own numbers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.assets import refusals
from ecom_platform.errors import PublishConflict
from ecom_platform.pipeline import clean as clean_module
from ecom_platform.pipeline.model import fact as fact_module
from ecom_platform_tests.s3_in_small import everywhere
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform_tests.assets.conftest import Orchestrated
    from ecom_platform_tests.platform_in_small import SmallPlatform

DAYS = [DAY + dt.timedelta(days=n) for n in range(3)]
KEYS = [day.isoformat() for day in DAYS]
CLEAN, REJECTED, FACT = "clean_events", "rejected_events", "fact_user_events"
LEDGER = "row_ledger"
TABLES = ("raw_events", CLEAN, REJECTED, FACT, LEDGER)
FREE = {"price": "0.00"}


def rows_by_date(platform: SmallPlatform, table: str) -> dict[str, int]:
    dates = [str(date) for date in platform.values(table, "event_date")]
    return {date: dates.count(date) for date in sorted(set(dates))}


@everywhere
def test_one_date_from_landing_to_the_fact(dagster: Orchestrated, platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1), at(2), {**at(3), **FREE}, "x")
    run = dagster.run(DAY)
    assert run.success
    told = run.materialized
    assert set(told) == {(table, KEYS[0]) for table in TABLES}
    rows = {table: told[table, KEYS[0]]["dagster/partition_row_count"] for table in TABLES}
    assert rows == {"raw_events": 4, CLEAN: 2, REJECTED: 1, FACT: 2, LEDGER: 3}
    clean = told[CLEAN, KEYS[0]]
    assert (clean["rows_in"], clean["duplicates"], clean["rejected"]) == (4, 1, 1)
    assert clean["rejected_price_not_positive"] == 1
    assert clean["slices_rebuilt"] == 1
    assert min(clean["bytes"], clean["seconds"], told[FACT, KEYS[0]]["bytes"]) > 0
    assert told[REJECTED, KEYS[0]]["rejected_price_not_positive"] == 1
    assert len(platform.rows(FACT)) == 2


def test_a_range_run_tells_the_numbers_of_every_date(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1), at(1), at(1, day=DAYS[2]), {**at(2, day=DAYS[2]), **FREE})
    run = dagster.run(DAYS[0], DAYS[2])
    assert run.success
    told = run.materialized
    assert set(told) == {(table, key) for table in TABLES for key in KEYS}
    rows = {
        table: [told[table, key]["dagster/partition_row_count"] for key in KEYS] for table in TABLES
    }
    # A date without events is materialized as well: nothing is all there is of it.
    assert rows == {
        "raw_events": [2, 0, 2],
        CLEAN: [1, 0, 1],
        REJECTED: [0, 0, 1],
        FACT: [1, 0, 1],
        LEDGER: [1, 0, 2],
    }
    assert [told[CLEAN, key].get("duplicates", 0) for key in KEYS] == [1, 0, 0]
    assert [told[FACT, key]["slices_rebuilt"] for key in KEYS] == [1, 0, 1]


def test_a_date_that_did_not_change_is_told_and_not_rewritten(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1), at(1, day=DAYS[1]))
    dagster.run(DAYS[0], DAYS[1])
    before = {table: platform.lake.table(table).files([DAY])[0].path for table in (CLEAN, FACT)}
    platform.drop("b.csv", at(2, day=DAYS[1]))
    told = dagster.run(DAYS[0], DAYS[1]).materialized
    for table, path in before.items():
        assert [file.path for file in platform.lake.table(table).files([DAY])] == [path]
        rebuilt = [told[table, key]["slices_rebuilt"] for key in KEYS[:2]]
        rows = [told[table, key]["dagster/partition_row_count"] for key in KEYS[:2]]
        assert (rebuilt, rows) == ([0, 1], [1, 2])
        assert told[table, KEYS[0]]["seconds"] == 0.0


def test_dates_are_rebuilt_on_demand(dagster: Orchestrated, platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    dagster.run(DAY)
    before = platform.paths(CLEAN), platform.paths(FACT)
    told = dagster.run(DAY, config={CLEAN: {"rebuild": True}}).materialized
    assert told[CLEAN, KEYS[0]]["slices_rebuilt"] == 1
    assert platform.paths(CLEAN) != before[0]
    assert platform.paths(FACT) == before[1]


# --- Dates that are refused


@pytest.mark.parametrize(("table", "module"), [(CLEAN, clean_module), (FACT, fact_module)])
def test_in_a_range_run_a_refused_date_keeps_its_last_good_version_and_no_other_waits(
    dagster: Orchestrated,
    platform: SmallPlatform,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    module: object,
) -> None:
    platform.drop("a.csv", *(at(1, day=day) for day in DAYS))
    assert dagster.run(DAYS[0], DAYS[2]).success
    platform.drop("b.csv", *(at(2, day=day) for day in DAYS))
    name = "clean_events" if table == CLEAN else "build_fact_user_events"
    good = getattr(module, name)
    lose = f"NOT (event_date = DATE'{KEYS[1]}' AND HOUR(event_time) = 2)"
    monkeypatch.setattr(module, name, lambda rows: good(rows).where(lose))

    run = dagster.run(DAYS[0], DAYS[2])

    assert not run.success
    assert rows_by_date(platform, table) == {KEYS[0]: 2, KEYS[1]: 1, KEYS[2]: 2}
    told = run.materialized
    assert {key for asset, key in told if asset == table} == {KEYS[0], KEYS[2]}
    assert told[table, KEYS[2]]["dagster/partition_row_count"] == 2
    if table == CLEAN:
        assert {key for asset, key in told if asset == REJECTED} == {KEYS[0], KEYS[2]}
    failure = run.failures[table]
    assert failure.startswith(f"{table}: refused {KEYS[1]}; every other date of this run is")
    assert f"{table} {KEYS[1]} is not published: row_count_reconciles" in failure
    assert KEYS[0] not in failure
    assert not run.checks(table, KEYS[1])["row_count_reconciles"]
    assert run.checks(table, KEYS[0])["row_count_reconciles"]
    left = "fact_user_events, row_ledger" if table == CLEAN else "row_ledger"
    assert f"Not built in this run: {left}; automation or `ecom run` will." in failure

    monkeypatch.undo()
    assert dagster.run(DAYS[0], DAYS[2]).success
    assert rows_by_date(platform, FACT) == dict.fromkeys(KEYS, 2)


def test_several_refused_dates_are_all_named(
    dagster: Orchestrated, platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", *(at(1, day=day) for day in DAYS))
    good = clean_module.clean_events
    lose = f"event_date = DATE'{KEYS[1]}'"
    monkeypatch.setattr(clean_module, "clean_events", lambda rows: good(rows).where(lose))
    run = dagster.run(DAYS[0], DAYS[2])
    assert not run.success
    assert f"refused {KEYS[0]}, {KEYS[2]};" in run.failures[CLEAN]
    assert rows_by_date(platform, CLEAN) == {KEYS[1]: 1}
    assert {key for asset, key in run.materialized if asset == CLEAN} == {KEYS[1]}


def test_a_date_on_which_another_run_was_quicker_is_named_too(
    dagster: Orchestrated, platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", *(at(1, day=day) for day in DAYS))
    commit = clean_module.commit_slice

    def give_way(version, slice_, *args, **kwargs):
        if slice_.event_date == DAYS[1]:
            raise PublishConflict("run-quick was quicker")
        return commit(version, slice_, *args, **kwargs)

    monkeypatch.setattr(clean_module, "commit_slice", give_way)
    run = dagster.run(DAYS[0], DAYS[2])
    assert not run.success
    assert "run-quick was quicker" in run.failures[CLEAN]
    assert rows_by_date(platform, CLEAN) == {KEYS[0]: 1, KEYS[2]: 1}


def test_a_single_refused_date_is_not_materialized(
    dagster: Orchestrated, platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1))
    good = clean_module.clean_events
    monkeypatch.setattr(clean_module, "clean_events", lambda rows: good(rows).where("1 = 0"))
    run = dagster.run(DAY)
    assert not run.success
    assert {asset for asset, _ in run.materialized} == {"raw_events"}
    assert platform.rows(CLEAN) == platform.rows(FACT) == []


@pytest.mark.parametrize("broken", ["log_findings", "StoredTables"])
def test_a_fault_in_showing_checks_does_not_hide_what_was_refused(
    dagster: Orchestrated, platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    platform.drop("a.csv", at(1))
    good = clean_module.clean_events
    monkeypatch.setattr(clean_module, "clean_events", lambda rows: good(rows).where("1 = 0"))

    def fail(*_: object) -> None:
        raise RuntimeError("the event log is locked")

    monkeypatch.setattr(refusals, broken, fail)
    run = dagster.run(DAY)
    assert run.failures[CLEAN].startswith(f"{CLEAN}: refused {KEYS[0]};")
    logged = [entry.user_message for entry in run.instance.all_logs(run.result.run_id)]
    assert any("the event log is locked" in message for message in logged)
