"""Object records: what became of every version of every landing object."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ecom_platform.lake.objects import ObjectOutcome
from ecom_platform_tests.samples import utc

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake

INGESTED = ObjectOutcome(
    source_object="events/a.csv",
    object_version="v1",
    status="ingested",
    size_bytes=10,
    modified_at=utc("2020-04-01 00:00"),
    line_count=3,
    raw_count=2,
    malformed_count=1,
)
REFUSED = replace(
    INGESTED, object_version="v2", status="refused", reason="no_header", detail="line 1 is '…'"
)


def test_no_object_is_known_in_a_new_lake(lake: Lake) -> None:
    assert lake.objects.current() == {}


def test_an_outcome_comes_back_as_it_was_recorded(lake: Lake) -> None:
    other = replace(REFUSED, source_object="events/ä b.csv")
    lake.objects.record([INGESTED, other], "run-1")
    assert lake.objects.current() == {"events/a.csv": INGESTED, "events/ä b.csv": other}


def test_the_newest_version_of_an_object_counts(lake: Lake) -> None:
    lake.objects.record([INGESTED], "run-1")
    lake.objects.record([REFUSED], "run-2")
    assert lake.objects.current() == {"events/a.csv": REFUSED}


def test_an_older_content_that_comes_back_counts_again(lake: Lake) -> None:
    for outcome in (INGESTED, REFUSED, INGESTED):
        lake.objects.record([outcome], "run-1")
    assert lake.objects.current() == {"events/a.csv": INGESTED}


def test_a_touched_file_is_recorded_with_its_new_time(lake: Lake) -> None:
    touched = replace(INGESTED, modified_at=utc("2020-04-02 00:00"))
    lake.objects.record([INGESTED], "run-1")
    lake.objects.record([touched], "run-2")
    assert lake.objects.current() == {"events/a.csv": touched}


def test_another_process_sees_the_records(lake: Lake) -> None:
    lake.objects.record([INGESTED], "run-1")
    assert type(lake)(lake.settings).objects.current() == {"events/a.csv": INGESTED}


def test_every_version_of_an_object_stays_on_record(lake: Lake) -> None:
    lake.objects.record([INGESTED], "run-1")
    lake.objects.record([REFUSED], "run-2")
    entries = lake.table("landing_objects").iceberg.scan().to_arrow().to_pylist()
    assert {(e["object_version"], e["status"], e["run_id"]) for e in entries} == {
        ("v1", "ingested", "run-1"),
        ("v2", "refused", "run-2"),
    }
