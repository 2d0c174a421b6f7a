"""The clean step: what it publishes, and what it refuses to publish."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from ecom_platform.lake.audit import AuditFailed
from ecom_platform.pipeline import clean as module
from ecom_platform_tests.samples import DAY, at, csv_line, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform_tests.platform_in_small import SmallPlatform

    Change = Callable[[DataFrame], DataFrame]

TABLES = ("clean_events", "rejected_events")
FREE = {"price": "0.00"}
NO_SESSION = {"user_session": ""}


def clean(platform: SmallPlatform, now: dt.datetime | None = None):
    platform.ingest()
    return platform.rebuild("clean_events", **({"now": now} if now else {}))


# --- What is published


def test_nothing_but_published_files_is_left_beside_the_table(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1), {**at(2), **FREE})
    clean(platform)
    storage, published = platform.lake.storage, platform.lake.table("clean_events").files()
    lying = storage.list(f"{storage.root}/clean_events/data")
    assert {file.path for file in lying} == {file.path for file in published}


def test_each_event_is_published_once_and_every_row_has_one_fate(platform: SmallPlatform) -> None:
    platform.drop("b.csv", at(1), {**at(1), **FREE}, at(2))
    platform.drop("a.csv", at(1), {**at(1), **FREE}, at(1), {**at(3), **NO_SESSION}, "x")
    (rebuilt,) = clean(platform)
    kept = [(r["source_object"], r["source_row"]) for r in platform.rows("clean_events")]
    assert kept == [("events/a.csv", 2), ("events/b.csv", 4)]
    numbers = rebuilt.numbers
    assert (numbers["rows_in"], numbers["row_count"]) == (7, 2)
    assert (numbers["duplicates"], numbers["rejected"]) == (3, 2)
    assert numbers["rejected_price_not_positive"] == numbers["rejected_null_user_session"] == 1
    assert numbers["bytes"] > 0
    assert all(finding.passed for finding in rebuilt.findings)


def test_rejected_events_stand_beside_the_malformed_lines_of_their_date(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", {**at(1), **FREE}, {**at(2), "price": "dear"}, "x")
    clean(platform)
    rows = platform.rows("rejected_events")
    told = [(r["layer"], r["reason"], r["line"]) for r in rows]
    assert told == [
        ("clean", "price_not_positive", csv_line({**at(1), **FREE})),
        ("raw", "bad_price", csv_line({**at(2), "price": "dear"})),
        ("raw", "field_count", "x"),
    ]


def test_rebuilding_replaces_rejected_events_and_leaves_malformed_lines(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", {**at(1), **FREE}, {**at(1), "price": "dear"})
    clean(platform)
    platform.drop("b.csv", {**at(1), **FREE}, {**at(2), **FREE})
    clean(platform)
    rows = platform.rows("rejected_events")
    assert [(r["source_object"], r["source_row"], r["layer"]) for r in rows] == [
        ("events/a.csv", 2, "clean"),
        ("events/a.csv", 3, "raw"),
        ("events/b.csv", 3, "clean"),
    ]


def test_what_is_recorded_is_what_the_tables_hold(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1), {**at(1), **FREE}, {**at(2), **NO_SESSION})
    clean(platform)
    published = {
        name: platform.lake.publications.published(name)[DAY] for name in ("raw_events", *TABLES)
    }
    rows = {name: state.row_count for name, state in published.items()}
    assert rows == {"raw_events": 4, "clean_events": 1, "rejected_events": 2}
    measures = published["clean_events"].measures
    assert (measures["rows_in"], measures["duplicates"], measures["rejected"]) == (4, 1, 2)
    assert published["rejected_events"].measures == {
        "rejected_price_not_positive": 1,
        "rejected_null_user_session": 1,
    }
    for name, state in published.items():
        sizes = [Path(path).stat().st_size for path in platform.paths(name)]
        assert state.byte_count == sum(sizes) > 0


@pytest.mark.parametrize("now", ["2020-04-01 12:00", "2020-06-01 00:00"])
def test_a_date_of_which_every_event_is_rejected_is_published_as_empty(
    platform: SmallPlatform, now: str
) -> None:
    platform.drop("a.csv", {**at(1), **FREE}, written_at=utc("2020-04-01 12:00"))
    (rebuilt,) = clean(platform, utc(now))
    assert platform.rows("clean_events") == []
    assert len(platform.rows("rejected_events")) == 1
    assert rebuilt.numbers["rejected"] == 1
    assert clean(platform, utc(now)) == []


@pytest.mark.parametrize("now", ["2020-04-01 12:00", "2020-06-01 00:00"])
def test_an_event_that_is_rejected_no_more_leaves_the_rejected(
    platform: SmallPlatform, now: str
) -> None:
    moment = utc("2020-04-01 12:00")
    platform.drop("a.csv", {**at(1), **FREE}, written_at=moment)
    clean(platform, utc(now))
    platform.drop("a.csv", at(1), written_at=moment + dt.timedelta(seconds=1))
    clean(platform, utc(now))
    assert platform.rows("rejected_events") == []
    assert len(platform.rows("clean_events")) == 1
    assert platform.lake.publications.published("rejected_events")[DAY].row_count == 0


# --- What is refused


def where(condition: str) -> Change:
    return lambda rows: rows.where(condition)


def setting(column: str, value: str) -> Change:
    return lambda rows: rows.withColumn(column, F.expr(value))


REFUSALS: dict[str, tuple[Change, str]] = {
    "a lost row": (
        where("source_row <> 3"),
        "row_count_reconciles: 4 raw_events against 1 clean_events + 1 duplicates + "
        "1 rejected_events: +1 rows differ",
    ),
    "a doubled row": (
        lambda rows: rows.unionAll(rows.where("source_row = 3")),
        "primary_key_is_unique: 1 keys (event_date, event_id) stand in more than one row; "
        "row_count_reconciles: 4 raw_events against 3 clean_events + 1 duplicates + "
        "1 rejected_events: -1 rows differ",
    ),
    "two events under one id": (
        setting("event_id", "CAST(7 AS BIGINT)"),
        "primary_key_is_unique: 1 keys",
    ),
    "a null": (
        setting("brand", "CASE WHEN source_row = 3 THEN NULL ELSE brand END"),
        "required_columns_not_null: brand_not_null: 1 rows",
    ),
    "an unknown value": (
        setting("event_type", "'buy'"),
        "accepted_values: event_type_accepted: 2 rows",
    ),
    "a price out of range": (
        setting("price", "CAST(0 AS DECIMAL(12,2))"),
        "values_in_range: price_minimum: 2 rows",
    ),
    "a wrong date": (
        setting("event_date", "DATE'2020-04-02'"),
        "row_rules: event_date_is_the_date_of_event_time: 2 rows",
    ),
    "another type": (
        setting("price", "CAST(price AS DOUBLE)"),
        "schema_conforms: price is double, not decimal128(12, 2)",
    ),
    "a missing column": (lambda rows: rows.drop("brand"), "schema_conforms: brand is missing"),
    "a strange column": (
        setting("margin", "1"),
        "schema_conforms: margin is not in the contract",
    ),
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_bad_rows_are_refused_and_the_last_good_version_stays(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    change, message = REFUSALS[fault]
    platform.drop("a.csv", at(1))
    clean(platform)
    before = [platform.state(name) for name in TABLES]
    platform.drop("b.csv", at(1), at(2), {**at(3), **FREE})
    platform.ingest()
    good = module.clean_events
    monkeypatch.setattr(module, "clean_events", lambda raw: change(good(raw)))
    with pytest.raises(AuditFailed) as refusal:
        platform.rebuild("clean_events")
    text = str(refusal.value)
    assert text.startswith("clean_events 2020-04-01 is not published: ")
    assert message in text
    assert "\n" not in text
    assert [platform.state(name) for name in TABLES] == before
    staged = Path(text.rpartition(" lie in ")[2])
    assert list(staged.glob("*.parquet"))
    assert not platform.paths("clean_events") & {str(path) for path in staged.iterdir()}
    monkeypatch.undo()
    platform.rebuild("clean_events")
    assert len(platform.rows("clean_events")) == 2


def test_losing_a_rejected_event_is_refused_too(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1), {**at(3), **FREE}, {**at(4), **FREE})
    good = module.reject_events
    monkeypatch.setattr(
        module, "reject_events", lambda raw, moment: good(raw, moment).where("source_row <> 4")
    )
    with pytest.raises(AuditFailed, match=r"3 raw_events against 1 clean_events \+ 0 duplicates"):
        clean(platform)
    assert platform.rows("clean_events") == platform.rows("rejected_events") == []


def test_hours_of_an_open_date_are_refused_alone(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utc("2020-04-01 12:00")
    platform.drop("a.csv", at(1), written_at=now)
    clean(platform, now)
    before = [platform.state(name) for name in TABLES]
    platform.drop("b.csv", at(2), at(5), written_at=now)
    good = module.clean_events
    monkeypatch.setattr(module, "clean_events", lambda raw: good(raw).where("HOUR(event_time) < 5"))
    with pytest.raises(AuditFailed, match=r"clean_events 2020-04-01 hours 2, 3, 4, 5 is not"):
        clean(platform, now)
    assert [platform.state(name) for name in TABLES] == before


def test_dropping_everything_is_refused_and_names_no_file(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1))
    good = module.clean_events
    monkeypatch.setattr(module, "clean_events", lambda raw: good(raw).where("1 = 0"))
    with pytest.raises(AuditFailed, match=r"\+1 rows differ.*the refused rows lie in no file"):
        clean(platform)
