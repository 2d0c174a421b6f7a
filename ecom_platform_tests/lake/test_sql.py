"""SQL over the lake: exactly what is published, by its name and by its contract."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.lake.published_files import PublishedFiles
from ecom_platform.lake.sql import connect
from ecom_platform_tests.lake.published import FACT, commit, publish, query
from ecom_platform_tests.lake.staged import at, stage_rows, write_file
from ecom_platform_tests.s3_in_small import everywhere
from ecom_platform_tests.samples import utc

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform_tests.platform_in_small import SmallPlatform


# --- What is seen


@everywhere
def test_every_table_is_seen_by_its_name_as_it_is_published(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {}, {}, {"user_session": "u2"}, {"price": "0.00"}, "no,event")
    platform.run()
    with connect(platform.lake) as connection:
        for name, version in platform.lake.existing_tables().items():
            expected = version.iceberg.scan().to_arrow()
            seen = connection.execute(f"SELECT * FROM {name}").to_arrow_table()
            assert seen.schema.names == version.contract.column_names
            order = [(column, "ascending") for column in seen.schema.names]
            assert seen.sort_by(order).to_pylist() == expected.sort_by(order).to_pylist(), name
        assert connection.execute(f"SELECT count(*) FROM {FACT}").fetchall() == [(2,)]


@pytest.mark.parametrize("table", ["raw_events", FACT, "landing_objects", "publications"])
def test_a_table_without_rows_has_the_columns_and_types_of_its_contract(
    lake: Lake, table: str
) -> None:
    lake.table(table)
    with connect(lake) as connection:
        seen = connection.execute(f"SELECT * FROM {table}").to_arrow_table()
    assert seen.num_rows == 0
    expected = pa.schema([pa.field(f.name, f.type) for f in TABLES[table].arrow_schema])
    assert seen.schema.remove_metadata() == expected


def test_only_published_files_are_seen(lake: Lake) -> None:
    publish(lake, {"event_id": 1}, {"event_id": 2}, day=1)
    publish(lake, {"event_id": 3}, day=1)
    stage_rows(lake, FACT, {"event_id": 4})
    assert query(lake, f"SELECT event_id FROM {FACT}") == [(3,)]
    assert len(list(Path(lake.storage.root).rglob("*.parquet"))) == 3


@everywhere
def test_a_connection_keeps_showing_the_version_it_was_opened_on(lake: Lake) -> None:
    publish(lake, {"event_id": 1}, day=1)
    with connect(lake) as early:
        publish(lake, {"event_id": 2}, day=1)
        assert early.execute(f"SELECT event_id FROM {FACT}").fetchall() == [(1,)]
        assert query(lake, f"SELECT event_id FROM {FACT}") == [(2,)]


def test_files_of_single_hours_are_rows_of_one_date(lake: Lake) -> None:
    for hour in (7, 23):
        stage = lake.stage(FACT)
        (path,) = stage_rows(lake, FACT, {"event_id": hour, **at(hour)}).paths
        folder = Path(stage.folder, f"_hour={hour}")
        folder.mkdir(parents=True)
        Path(path).rename(folder / "rows.parquet")
        commit(lake, stage.collect())
    sql = f"SELECT event_id, event_date FROM {FACT} WHERE event_date = '2020-04-01' ORDER BY 1"
    assert query(lake, sql) == [(7, dt.date(2020, 4, 1)), (23, dt.date(2020, 4, 1))]
    assert "_hour" not in [column for column, *_ in query(lake, f"DESCRIBE {FACT}")]


def test_rows_without_a_date_are_found_as_such(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {}, "no,event")
    platform.ingest()
    sql = "SELECT reason, event_date FROM rejected_events WHERE event_date IS NULL"
    assert query(platform.lake, sql) == [("field_count", None)]


def test_exact_numbers_stay_exact(lake: Lake) -> None:
    publish(lake, {"event_id": 2**62 + 1, "price": Decimal("9999999999.99")})
    sql = f"SELECT event_id, price, sum(event_id), typeof(price) FROM {FACT} GROUP BY ALL"
    row = (2**62 + 1, Decimal("9999999999.99"), 2**62 + 1, "DECIMAL(12,2)")
    assert query(lake, sql) == [row]


def test_times_are_in_utc_wherever_the_machine_is(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    publish(lake, at(1))
    with connect(lake) as connection:
        for session in (connection, connection.cursor()):
            sql = f"SELECT hour(event_time), event_time::VARCHAR FROM {FACT}"
            assert session.execute(sql).fetchall() == [(1, "2020-04-01 01:00:00+00")]


def test_a_file_from_before_a_column_was_added_has_nulls_there(lake: Lake) -> None:
    publish(lake, {"event_id": 1, "device_type": "mobile"})
    full = pq.read_table(stage_rows(lake, FACT, {"event_id": 2}).paths[0])
    others = [name for name in reversed(full.column_names) if name != "device_type"]
    stage = lake.stage(FACT)
    write_file(stage, "older.parquet", full.select(others))
    commit(lake, stage.collect())
    sql = f"SELECT event_id, device_type, event_date FROM {FACT} ORDER BY event_id"
    date = dt.date(2020, 4, 1)
    assert query(lake, sql) == [(1, "mobile", date), (2, None, date)]


def test_only_the_files_of_the_asked_dates_are_opened(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (1, 2, 3):
        publish(lake, {"event_id": day, **at(5, day=day)}, day=day)
    opened: set[str] = set()
    scanned = f"SELECT event_id FROM {FACT}"
    original = PublishedFiles.open

    def noting(files: PublishedFiles, path: str, *options: object, **more: object) -> object:
        opened.add(path.removeprefix(f"lake://{FACT}/").rpartition("/")[0])
        return original(files, path, *options, **more)

    with connect(lake) as connection:
        monkeypatch.setattr(PublishedFiles, "open", noting)
        connection.execute(f"{scanned} WHERE event_date = '2020-04-03'").fetchall()
        assert "data/event_date=2020-04-03" in opened
        opened -= {"data/event_date=2020-04-01"}  # may be opened for its columns
        assert "data/event_date=2020-04-02" not in opened
        connection.execute(f"{scanned} WHERE event_date < '2020-04-03'").fetchall()
        assert "data/event_date=2020-04-02" in opened


def test_thousands_of_files_are_one_table(lake: Lake) -> None:
    staged = stage_rows(lake, FACT, {"event_id": 1})
    stage = lake.stage(FACT)
    Path(stage.folder).mkdir()
    for number in range(1_500):
        Path(stage.folder, f"{number}.parquet").hardlink_to(staged.paths[0])
    commit(lake, stage.collect())
    assert query(lake, f"SELECT count(*), sum(event_id) FROM {FACT}") == [(1_500, 1_500)]


# --- As of


@everywhere
def test_the_past_is_seen_as_it_was_published(lake: Lake) -> None:
    publish(lake, {"event_id": 1}, day=1)
    first = lake.table(FACT).iceberg.current_snapshot()
    assert first is not None
    publish(lake, {"event_id": 2}, day=1)
    then = dt.datetime.fromtimestamp(first.timestamp_ms / 1000, tz=dt.UTC)
    sql = f"SELECT event_id FROM {FACT}"
    assert query(lake, sql, then) == [(1,)]
    assert query(lake, sql, then - dt.timedelta(days=1)) == []
    assert query(lake, sql, utc("2100-01-01 00:00")) == [(2,)]


def test_a_forgotten_past_is_said_to_be_so_by_its_table_alone(lake: Lake) -> None:
    publish(lake, {"event_id": 1}, day=1)
    publish(lake, {"event_id": 2}, day=1)
    lake.table("raw_events")
    table = lake.table(FACT).iceberg
    oldest = table.metadata.snapshots[0]
    table.maintenance.expire_snapshots().by_ids([oldest.snapshot_id]).commit()
    before = dt.datetime.fromtimestamp(oldest.timestamp_ms / 1000, tz=dt.UTC)
    with pytest.raises(duckdb.Error, match=f"{FACT} as of .* is forgotten: its history begins at"):
        query(lake, f"SELECT count(*), max(event_id) FROM {FACT}", before)
    assert query(lake, "SELECT count(*) FROM raw_events", before) == [(0,)]


def test_a_time_must_name_its_zone(lake: Lake) -> None:
    lake.table(FACT)
    with pytest.raises(ValueError, match="no time zone"):
        connect(lake, dt.datetime(2020, 4, 1))  # noqa: DTZ001  # that is what is refused
