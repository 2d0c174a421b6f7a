"""Landing to raw: rows, rejected lines and refused objects, and what is told of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import xxhash

from ecom_platform.pipeline import object_batches
from ecom_platform_tests.samples import DAY, HEADER, RAW_ROW, at, csv_line, csv_text, utc

if TYPE_CHECKING:
    from ecom_platform.landing.folder_store import FolderStore
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)
RAW = "raw_events"


# --- One object


def test_a_line_becomes_a_row_with_its_values_and_its_place(platform: SmallPlatform) -> None:
    key = platform.drop("a.csv", {})
    before = dt.datetime.now(tz=dt.UTC)
    platform.ingest()
    (row,) = platform.rows(RAW)
    assert before <= row.pop("ingested_at") <= dt.datetime.now(tz=dt.UTC)
    assert row == {
        **{name: value for name, value in RAW_ROW.items() if name != "ingested_at"},
        "source_object": key,
        "object_version": xxhash.xxh3_128_hexdigest(csv_text([{}]).encode()),
        "source_row": 2,
    }


def test_empty_fields_are_nulls_and_lines_keep_their_numbers(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {}, "not an event", {"brand": "", "category_code": ""})
    platform.ingest()
    rows = platform.rows(RAW)
    assert [row["source_row"] for row in rows] == [2, 4]
    assert (rows[1]["brand"], rows[1]["category_code"]) == (None, None)


def test_an_object_of_many_dates_is_one_file_a_date_in_one_snapshot(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(23), at(1, day=NEXT_DAY), at(2, day=NEXT_DAY))
    report = platform.ingest()
    assert platform.snapshots(RAW) == 1
    files = platform.lake.table(RAW).files()
    assert sorted((file.event_date, file.row_count) for file in files) == [(DAY, 1), (NEXT_DAY, 2)]
    assert {date: touched.row_count for date, touched in report.dates.items()} == {
        DAY: 1,
        NEXT_DAY: 2,
    }


@pytest.mark.parametrize("text", [HEADER, HEADER + "\n", HEADER + "\r\n"])
def test_an_object_without_lines_is_done_once(platform: SmallPlatform, text: str) -> None:
    platform.drop("a.csv", text=text)
    report = platform.ingest()
    assert [(o.status, o.line_count) for o in report.outcomes] == [("ingested", 0)]
    assert platform.rows(RAW) == []
    assert platform.pending() == []


def test_lines_that_are_no_events_are_kept_with_text_line_and_reason(
    platform: SmallPlatform,
) -> None:
    bad_price = csv_line({"price": "1e3"})
    key = platform.drop("a.csv", {}, "x,y", bad_price)
    report = platform.ingest()
    rows = platform.rows("rejected_events")
    told = [(r["source_row"], r["reason"], r["line"], r["event_date"]) for r in rows]
    assert told == [(3, "field_count", "x,y", None), (4, "bad_price", bad_price, DAY)]
    assert {(r["layer"], r["source_object"], r["event_time"]) for r in rows} == {("raw", key, None)}
    assert all(row["detail"] and row["rejected_at"] for row in rows)
    assert report.malformed_by_reason == {"field_count": 1, "bad_price": 1}
    assert report.undated_malformed == 1
    assert report.dates[DAY].malformed == 1
    (outcome,) = report.outcomes
    assert (outcome.line_count, outcome.raw_count, outcome.malformed_count) == (3, 1, 2)


def test_an_object_of_which_every_line_is_bad_is_done(platform: SmallPlatform) -> None:
    platform.drop("a.csv", "x", "y")
    report = platform.ingest()
    assert [(o.status, o.malformed_count) for o in report.outcomes] == [("ingested", 2)]
    assert len(platform.rows("rejected_events")) == 2
    assert (platform.rows(RAW), platform.pending()) == ([], [])


def test_every_bad_line_is_counted_under_its_date_or_under_none(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {}, {**at(5, day=NEXT_DAY), "price": "dear"}, "x")
    report = platform.ingest()
    dated = sum(touched.malformed for touched in report.dates.values())
    assert (dated, report.undated_malformed) == (1, 1)
    assert dated + report.undated_malformed == sum(report.malformed_by_reason.values())


# --- Several objects


def test_the_same_content_under_another_name_arrives_twice_in_raw(platform: SmallPlatform) -> None:
    first = platform.drop("a.csv", at(1), at(2))
    second = platform.drop("copy of a.csv", at(1), at(2))
    platform.ingest()
    assert platform.origins() == [(first, 2), (first, 3), (second, 2), (second, 3)]
    assert len(set(platform.values(RAW, "object_version"))) == 1


def test_objects_that_arrive_together_become_visible_together(platform: SmallPlatform) -> None:
    keys = [platform.drop(f"{name}.csv", at(hour)) for hour, name in enumerate("abc")]
    report = platform.ingest()
    assert platform.snapshots(RAW) == 1
    assert [key for key, _ in platform.origins()] == keys
    assert [outcome.source_object for outcome in report.outcomes] == keys
    assert (report.dates[DAY].rows_in, report.dates[DAY].objects) == (3, 3)


def test_a_backlog_is_committed_in_batches_and_every_object_once(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_batches, "_OBJECTS_OF_A_COMMIT", 2)
    keys = [platform.drop(f"{n}.csv", at(n), "x") for n in range(5)]
    report = platform.ingest()
    assert [key for key, _ in platform.origins()] == keys
    assert len(platform.rows("rejected_events")) == 5
    assert platform.snapshots(RAW) == 3
    assert (report.dates[DAY].rows_in, report.dates[DAY].row_count) == (5, 5)
    assert report.undated_malformed == 5


def test_a_refused_object_holds_up_no_other(platform: SmallPlatform) -> None:
    good = platform.drop("a.csv", {})
    bad = platform.drop("b.csv", text="no,header\n1,2\n")
    cut = platform.drop("c.csv.gz", content=b"\x1f\x8b\x08\x00truncated")
    late = platform.drop("d.csv", at(3))
    report = platform.ingest()
    assert [key for key, _ in platform.origins()] == [good, late]
    told = {outcome.source_object: outcome.reason for outcome in report.refused}
    assert told == {bad: "no_header", cut: "corrupt_gzip"}
    assert all(outcome.detail for outcome in report.refused)
    assert platform.rows("rejected_events") == []
    assert platform.pending() == []


def test_a_refused_object_is_read_when_it_is_delivered_again(platform: SmallPlatform) -> None:
    key = platform.drop("a.csv", text="")
    assert [outcome.reason for outcome in platform.ingest().refused] == ["empty_object"]
    platform.drop("a.csv", {})
    assert platform.ingest().refused == []
    assert platform.origins() == [(key, 2)]


def test_a_refused_new_version_leaves_the_rows_of_the_old_one(platform: SmallPlatform) -> None:
    key = platform.drop("a.csv", {})
    platform.ingest()
    platform.drop("a.csv", text="garbage")
    assert len(platform.ingest().refused) == 1
    assert platform.origins() == [(key, 2)]
    assert platform.pending() == []


def test_a_warning_names_its_object(platform: SmallPlatform) -> None:
    key = platform.drop("a.csv", text=f"{HEADER},extra\n{csv_line({})},1\n")
    (warning,) = platform.ingest().warnings
    assert key in warning
    assert "extra" in warning


def test_late_rows_are_those_of_dates_that_were_published_before(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    assert platform.run() is not None
    platform.drop("b.csv", at(2), at(3), at(1, day=NEXT_DAY))
    report = platform.ingest()
    assert {date: touched.late for date, touched in report.dates.items()} == {DAY: 2, NEXT_DAY: 0}
    assert {date: touched.rows_in for date, touched in report.dates.items()} == {
        DAY: 2,
        NEXT_DAY: 1,
    }


def test_events_before_the_start_and_far_after_the_writing_are_no_events(
    platform: SmallPlatform, store: FolderStore
) -> None:
    written = utc("2020-04-01 12:00")
    times = ["2019-09-30 23:59:59 UTC", "2019-10-01 00:00:00 UTC"]
    times += ["2020-04-02 12:00:00 UTC", "2020-04-02 12:00:01 UTC"]
    platform.drop("a.csv", *({"event_time": time} for time in times), written_at=written)
    platform.ingest()
    assert [row["source_row"] for row in platform.rows(RAW)] == [3, 4]
    rejected = {row["source_row"]: row["reason"] for row in platform.rows("rejected_events")}
    assert rejected == {2: "date_out_of_range", 5: "date_out_of_range"}
    assert store.list()[0].modified_at == written
