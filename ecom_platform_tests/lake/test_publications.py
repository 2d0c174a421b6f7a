"""Publications: the present state of every date, from entries that are only ever added."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from ecom_platform.lake.lake import Lake
from ecom_platform.lake.publications import (
    Publication,
    PublishedDate,
    newest_publications,
    remembered_publications,
)
from ecom_platform.lake.slices import combine
from ecom_platform.lake.table import Snapshot
from ecom_platform_tests.samples import DAY, utc

if TYPE_CHECKING:
    from ecom_platform.lake.journal import Entry

TABLE = "clean_events"


def published(hour: int | None, number: int, **values: Any) -> Publication:
    """A publication by snapshot `number`, with `number` rows unless told otherwise."""
    chosen: dict[str, Any] = {
        "table_name": TABLE,
        "event_date": DAY,
        "hour": hour,
        "fingerprints": {hour if hour is not None else 0: f"f{number}"},
        "row_count": number,
        "byte_count": 10 * number,
        "measures": {"duplicates": number},
        "snapshot": Snapshot(1000 + number, number),
    }
    return Publication(**(chosen | values))


def state(lake: Lake) -> PublishedDate:
    return lake.publications.published(TABLE)[DAY]


def test_nothing_is_published_in_a_new_lake(lake: Lake) -> None:
    assert lake.publications.published(TABLE) == {}


def test_a_publication_comes_back_as_it_was_recorded(lake: Lake) -> None:
    hours = {0: "a", 23: "b"}
    lake.publications.record([published(None, 7, fingerprints=hours)], "run-1")
    found = state(lake)
    assert found.fingerprints == hours
    assert found.fingerprint == combine(hours)
    assert (found.row_count, found.byte_count, found.measures) == (7, 70, {"duplicates": 7})
    assert (found.is_whole, found.run_id) == (True, "run-1")
    assert found.published_at is not None


def test_a_journal_entry_says_everything_that_sql_may_ask(lake: Lake) -> None:
    lake.publications.record([published(5, 7)], "run-1")
    (row,) = lake.table("publications").iceberg.scan().to_arrow().to_pylist()
    row.pop("published_at")
    assert row == {
        "table_name": TABLE,
        "event_date": DAY,
        "hour": 5,
        "fingerprint": combine({5: "f7"}),
        "hour_fingerprints": json.dumps({"5": "f7"}),
        "row_count": 7,
        "byte_count": 70,
        "measures": json.dumps({"duplicates": 7}),
        "run_id": "run-1",
        "snapshot_id": 1007,
        "sequence_number": 7,
    }


def test_hours_of_an_open_date_add_up(lake: Lake) -> None:
    lake.publications.record([published(1, 3), published(2, 4)], "run-1")
    lake.publications.record([published(2, 10, measures={"rejected": 1})], "run-2")
    found = state(lake)
    assert found.fingerprints == {1: "f3", 2: "f10"}
    assert (found.row_count, found.byte_count) == (13, 130)
    assert found.measures == {"duplicates": 3, "rejected": 1}
    assert (found.is_whole, found.run_id) == (False, "run-2")


def test_an_entry_of_the_whole_date_replaces_those_of_its_hours(lake: Lake) -> None:
    lake.publications.record([published(1, 3), published(2, 4)], "run-1")
    lake.publications.record([published(None, 5)], "run-2")
    found = state(lake)
    assert (found.fingerprints, found.row_count, found.is_whole) == ({0: "f5"}, 5, True)
    assert found.measures == {"duplicates": 5}


def test_an_hour_that_lost_its_rows_keeps_no_fingerprint(lake: Lake) -> None:
    lake.publications.record([published(1, 3), published(2, 4)], "run-1")
    lake.publications.record([published(2, 5, fingerprints={}, row_count=0)], "run-2")
    assert (state(lake).fingerprints, state(lake).row_count) == ({1: "f3"}, 3)


def test_what_counts_is_the_order_of_snapshots_not_of_recording(lake: Lake) -> None:
    lake.publications.record([published(None, 9)], "run-quick")
    lake.publications.record([published(None, 8)], "run-late-to-record")
    assert (state(lake).fingerprints, state(lake).run_id) == ({0: "f9"}, "run-quick")


def test_tables_and_dates_are_kept_apart(lake: Lake) -> None:
    days = [DAY + dt.timedelta(days=n) for n in range(5)]
    entries = [published(None, n + 1, event_date=day) for n, day in enumerate(days)]
    lake.publications.record(entries, "run-1")
    lake.publications.record([published(None, 9, table_name="raw_events")], "run-1")
    found = lake.publications.published(TABLE, [days[3], days[1]])
    assert {date: state.row_count for date, state in found.items()} == {days[1]: 2, days[3]: 4}
    assert list(lake.publications.published(TABLE)) == days
    assert lake.publications.published(TABLE, []) == {}
    assert lake.publications.published(TABLE, [DAY - dt.timedelta(days=1)]) == {}
    assert lake.publications.published("raw_events")[DAY].row_count == 9


def test_folding_the_journal_changes_no_state(lake: Lake) -> None:
    history = [published(1, 1), published(2, 2), published(1, 3), published(3, 4)]
    for one in history:
        lake.publications.record([one], "run-1")
    before = lake.publications.published(TABLE)
    lake.publications._journal.fold()
    assert lake.publications.published(TABLE) == before


def test_folding_remembers_what_was_published_while_tables_can_be_put_back(lake: Lake) -> None:
    for one in (published(1, 1), published(1, 2), published(None, 3)):
        lake.publications.record([one], "run-1")
    lake.journals["publications"].fold()
    assert sequence_numbers(lake) == {1, 2, 3}
    settings = lake.settings.model_copy(update={"snapshot_days": 0})
    Lake(settings).journals["publications"].fold()
    assert sequence_numbers(lake) == {3}


def sequence_numbers(lake: Lake) -> set[int]:
    rows = lake.table("publications").iceberg.scan().to_arrow()
    return set(rows["sequence_number"].to_pylist())


# --- newest_publications, for any history

entries = st.lists(
    st.tuples(
        st.sampled_from([None, 0, 1, 2]),
        st.sampled_from([DAY, DAY + dt.timedelta(days=1)]),
        st.sampled_from([TABLE, "raw_events"]),
    ),
    max_size=20,
).map(
    lambda drawn: [
        {
            "hour": hour,
            "event_date": day,
            "table_name": table,
            "sequence_number": number,
            "published_at": utc("2020-04-01 00:00"),
        }
        for number, (hour, day, table) in enumerate(drawn)
    ]
)


def numbers(kept: list[Entry]) -> set[int]:
    return {entry["sequence_number"] for entry in kept}


@given(history=entries)
def test_the_newest_of_each_slice_counts_by_an_independent_rule(history: list[Entry]) -> None:
    def is_replaced(old: Entry) -> bool:
        return any(
            (new["table_name"], new["event_date"]) == (old["table_name"], old["event_date"])
            and new["sequence_number"] > old["sequence_number"]
            and new["hour"] in (None, old["hour"])
            for new in history
        )

    expected = {e["sequence_number"] for e in history if not is_replaced(e)}
    assert numbers(newest_publications(history)) == expected


@given(history=entries, minutes=st.lists(st.integers(0, 9), min_size=20, max_size=20))
def test_what_counted_at_any_moment_since_a_time_is_remembered(
    history: list[Entry], minutes: list[int]
) -> None:
    times = sorted(minutes)
    for entry, minute in zip(history, times, strict=False):
        entry["published_at"] = utc(f"2020-04-01 00:{minute:02d}")
    since = 5
    needed = set(numbers(newest_publications(history)))
    for known in range(len(history) + 1):
        # What was written up to some entry counted until the next one was written.
        if known == len(history) or times[known] >= since:
            needed |= numbers(newest_publications(history[:known]))
    remembered = remembered_publications(history, utc(f"2020-04-01 00:{since:02d}"))
    assert numbers(remembered) == needed


@given(history=entries, split=st.data())
def test_folding_any_part_first_gives_the_same(history: list[Entry], split: st.DataObject) -> None:
    early = split.draw(st.lists(st.sampled_from(history), unique_by=id)) if history else []
    late = [entry for entry in history if entry not in early]
    folded = newest_publications([*late, *newest_publications(early)])
    assert numbers(folded) == numbers(newest_publications(history))


def test_what_was_counted_of_every_hour_with_rows_is_known(lake: Lake) -> None:
    hours = [
        published(0, 1, measures={"duplicates": 0, "free": 1}),
        published(1, 2, measures={"duplicates": 0}),
        published(2, 0, measures={"old": 0}),  # it lost all its rows
    ]
    for order in (hours, hours[::-1]):
        lake.publications.record(order, "run-1")
        assert state(lake).counted_throughout == {"duplicates"}
