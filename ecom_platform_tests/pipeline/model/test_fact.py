"""The fact step: what it publishes, and what it refuses to publish."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from ecom_platform.lake.audit import AuditFailed
from ecom_platform.pipeline.model import fact as module
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform_tests.platform_in_small import SmallPlatform

    Change = Callable[[DataFrame], DataFrame]

FACT = "fact_user_events"


def setting(column: str, value: str) -> Change:
    return lambda rows: rows.withColumn(column, F.expr(value))


REFUSALS: dict[str, tuple[Change, str]] = {
    "a lost row": (
        lambda rows: rows.where("hour_of_day <> 2"),
        "row_count_reconciles: 3 clean_events against 2 fact_user_events: +1 rows differ",
    ),
    "a doubled row": (
        lambda rows: rows.unionAll(rows.where("hour_of_day = 2")),
        "primary_key_is_unique: 1 keys (event_date, event_id) stand in more than one row; "
        "row_count_reconciles: 3 clean_events against 4 fact_user_events: -1 rows differ",
    ),
    "one row for another": (
        setting("event_id", "CAST(7 AS BIGINT)"),
        "primary_key_is_unique: 1 keys",
    ),
    "a null": (
        setting("session_id", "NULLIF(session_id, session_id)"),
        "required_columns_not_null: session_id_not_null: 3 rows",
    ),
    "an unknown value": (
        setting("event_type", "'buy'"),
        "accepted_values: event_type_accepted: 3 rows",
    ),
    "a price out of range": (
        setting("price", "CAST(-1 AS DECIMAL(12,2))"),
        "values_in_range: price_minimum: 3 rows",
    ),
    "a weekday that is none": (
        setting("day_of_week", "8"),
        "values_in_range: day_of_week_maximum: 3 rows",
    ),
    "a wrong hour": (
        setting("hour_of_day", "CAST(0 AS INT)"),
        "row_rules: hour_of_day_is_the_hour_of_event_time: 3 rows",
    ),
    "another type": (
        setting("user_id", "CAST(user_id AS STRING)"),
        "schema_conforms: user_id is string, not int64",
    ),
    "a missing column": (
        lambda rows: rows.drop("device_type"),
        "schema_conforms: device_type is missing",
    ),
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_bad_rows_are_refused_and_the_last_good_version_stays(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    change, message = REFUSALS[fault]
    platform.drop("a.csv", at(1))
    platform.run()
    before = platform.state(FACT)
    platform.drop("b.csv", at(2), at(3))
    platform.ingest()
    platform.rebuild("clean_events")
    good = module.build_fact_user_events
    monkeypatch.setattr(module, "build_fact_user_events", lambda rows: change(good(rows)))
    with pytest.raises(AuditFailed) as refusal:
        platform.rebuild(FACT)
    text = str(refusal.value)
    assert text.startswith("fact_user_events 2020-04-01 is not published: ")
    assert message in text
    assert platform.state(FACT) == before
    staged = Path(text.rpartition(" lie in ")[2])
    assert list(staged.glob("*.parquet"))
    monkeypatch.undo()
    platform.rebuild(FACT)
    assert platform.values(FACT, "hour_of_day") == [1, 2, 3]


def test_every_clean_event_is_one_fact(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1), at(2), {**at(3), "price": "0.00"})
    (rebuilt,) = platform.run()[FACT]
    assert platform.values(FACT, "event_id") == platform.values("clean_events", "event_id")
    assert (rebuilt.numbers["rows_in"], rebuilt.numbers["row_count"]) == (2, 2)
    published = platform.lake.publications.published(FACT)[DAY]
    assert (published.row_count, published.measures["rows_in"]) == (2, 2)


def test_a_date_whose_events_all_went_away_is_published_as_empty(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    platform.drop("a.csv", {**at(1), "price": "0.00"})
    platform.run()
    assert platform.rows(FACT) == []
    assert platform.lake.publications.published(FACT)[DAY].row_count == 0


def test_hours_of_an_open_date_are_refused_alone(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utc("2020-04-01 12:00")
    platform.drop("a.csv", at(1), written_at=now)
    platform.run(now=now)
    before = platform.state(FACT)
    platform.drop("b.csv", at(5), written_at=now)
    platform.ingest()
    platform.rebuild("clean_events", now=now)
    good = module.build_fact_user_events
    monkeypatch.setattr(module, "build_fact_user_events", lambda rows: good(rows).where("1 = 0"))
    with pytest.raises(AuditFailed, match="fact_user_events 2020-04-01 hours 5 is not published"):
        platform.rebuild(FACT, now=now)
    assert platform.state(FACT) == before
