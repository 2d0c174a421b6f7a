"""Bad input that only a whole ingest can tell: repeated, unfinished and simultaneous files.

Belongs here: what docs/bad_input.md says of files beside each other. Not here: lines, objects.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ecom_platform.landing.folder_store import FolderStore
from ecom_platform_tests.platform_in_small import SmallPlatform
from ecom_platform_tests.samples import csv_text

ROWS = ({}, {"user_id": "2"}, {"user_id": "3"})


def test_the_same_file_twice_changes_nothing(platform: SmallPlatform) -> None:
    key = platform.drop("a.csv", *ROWS)
    platform.run()
    before = {t: platform.state(t) for t in ("raw_events", "clean_events", "fact_user_events")}
    assert platform.drop("a.csv", *ROWS) == key
    platform.run()
    assert {table: platform.state(table) for table in before} == before
    assert platform.pending() == []


def test_the_same_content_under_another_name_adds_only_duplicates(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", *ROWS)
    platform.run()
    fact = platform.values("fact_user_events", "event_id")
    platform.drop("b.csv", *ROWS)
    rebuilt = platform.run()
    assert len(platform.rows("raw_events")) == 2 * len(ROWS)
    assert rebuilt["clean_events"][0].numbers["duplicates"] == len(ROWS)
    assert platform.values("fact_user_events", "event_id") == fact
    assert {row["source_object"] for row in platform.rows("clean_events")} == {"events/a.csv"}


def test_a_file_still_being_written_stays_pending(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = platform.drop("a.csv", *ROWS)
    path = platform.drop.landing / key
    open_object = FolderStore.open

    def open_while_it_grows(store: FolderStore, opened: str, *listed: object) -> object:
        stream = open_object(store, opened, *listed)
        with path.open("a") as producer:
            producer.write(csv_text([{"user_id": "4"}]).splitlines()[1] + "\n")
        return stream

    monkeypatch.setattr(FolderStore, "open", open_while_it_grows)
    report = platform.ingest()
    assert report.changed == [key]
    assert platform.rows("raw_events") == []
    assert platform.pending() == [key]


def test_a_finished_version_replaces_what_was_read_of_it(platform: SmallPlatform) -> None:
    unfinished = csv_text(ROWS)[:-45]
    platform.drop("a.csv", text=unfinished)
    platform.run()
    assert len(platform.rows("raw_events")) == len(ROWS) - 1
    assert [row["reason"] for row in platform.rows("rejected_events")] == ["field_count"]
    platform.drop("a.csv", *ROWS)
    platform.run()
    assert len(platform.rows("fact_user_events")) == len(ROWS)
    assert platform.rows("rejected_events") == []


def test_two_files_at_once_are_both_ingested(platform: SmallPlatform) -> None:
    moment = None
    for name, user in (("a.csv", "2"), ("b.csv", "3")):
        key = platform.drop(name, {"user_id": user}, written_at=moment)
        moment = next(f.modified_at for f in platform.store.list() if f.key == key)
    report = platform.ingest()
    assert sorted(o.source_object for o in report.outcomes) == ["events/a.csv", "events/b.csv"]
    assert platform.values("raw_events", "user_id") == [2, 3]


def test_a_file_that_may_not_be_read_is_named_and_holds_up_no_other(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = platform.drop("closed.csv", {"user_id": "2"})
    platform.drop("open.csv", {"user_id": "3"})
    open_object = FolderStore.open

    def refuse(store: FolderStore, key: str, *listed: object) -> object:
        if key == closed:
            raise PermissionError(13, "Permission denied", str(Path(key)))
        return open_object(store, key, *listed)

    monkeypatch.setattr(FolderStore, "open", refuse)
    report = platform.ingest()
    assert [w for w in report.warnings if closed in w and "permissions" in w]
    assert platform.values("raw_events", "user_id") == [3]
    assert platform.pending() == [closed]
