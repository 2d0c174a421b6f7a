"""Ingests that stop halfway, meet another run, or lose count: the next run makes it good."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.errors import PublishConflict
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.lake.date_files import DateFiles
from ecom_platform.pipeline import raw as module
from ecom_platform.pipeline.raw import ingest
from ecom_platform_tests.s3_in_small import everywhere, everywhere_at_length
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    import pyarrow as pa

    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)
RAW = "raw_events"


@everywhere_at_length
@pytest.mark.parametrize("before", ["rejected", "raw", "publications", "objects"])
def test_a_run_that_stops_at_any_point_is_made_good_by_the_next(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    platform.drop("a.csv", at(1), "x")
    platform.ingest()
    key = platform.drop("a.csv", at(2), at(3), "y", "z")
    with monkeypatch.context() as stopped:
        stop_before(before, platform, stopped)
        with pytest.raises(KeyboardInterrupt):
            platform.ingest()
    assert platform.pending() == [key]
    platform.ingest()
    assert platform.origins() == [(key, 2), (key, 3)]
    assert platform.values("rejected_events", "line") == ["y", "z"]
    assert platform.lake.publications.published(RAW)[DAY].row_count == 2
    assert platform.pending() == []


def stop_before(place: str, platform: SmallPlatform, patch: pytest.MonkeyPatch) -> None:
    """Stop the run just before it writes something."""

    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    if place in ("publications", "objects"):
        patch.setattr(getattr(platform.lake, place), "record", stop)
        return
    replace = module._replace

    def stop_or_replace(lake, table_name, batch, run_id):
        if table_name.startswith(place):
            raise KeyboardInterrupt
        return replace(lake, table_name, batch, run_id)

    patch.setattr(module, "_replace", stop_or_replace)


def test_two_runs_that_ingest_different_objects_both_succeed(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1))
    platform.ingest()
    meet_another_run(platform, monkeypatch, "b.csv")
    platform.drop("c.csv", at(3))
    ingest(platform.lake, platform.store, platform.store.list()[-1:], "run-slow")
    assert [key for key, _ in platform.origins()] == [
        "events/a.csv",
        "events/b.csv",
        "events/c.csv",
    ]


@everywhere
def test_two_runs_that_ingest_the_same_object_at_once_do_not_double_it(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = platform.drop("a.csv", at(1))
    meet_another_run(platform, monkeypatch, None)
    with pytest.raises(PublishConflict, match=f"run-slow and run run-quick published {key}"):
        ingest(platform.lake, platform.store, platform.store.list(), "run-slow")
    assert platform.origins() == [(key, 2)]
    assert platform.pending() == []


def meet_another_run(platform: SmallPlatform, patch: pytest.MonkeyPatch, key: str | None) -> None:
    """Let another run ingest what is pending between this run's look at raw and its commit."""
    table = platform.lake.table
    met = False

    def look_then_lag(name: str):
        nonlocal met
        version = table(name)
        if name == RAW and not met:
            met = True
            if key:
                platform.drop(key, at(2))
            objects = platform.store.list()[:2]
            ingest(platform.lake, platform.store, objects, "run-quick")
        return version

    patch.setattr(platform.lake, "table", look_then_lag)


# --- Lines that are unaccounted for


def lose_a_row(platform: SmallPlatform, patch: pytest.MonkeyPatch) -> None:
    """Let the writer lose the last row of every object that has more than one."""
    add = DateFiles.add

    def careless(self: DateFiles, rows: pa.Table) -> None:
        add(self, rows if rows.num_rows < 2 else rows.slice(0, rows.num_rows - 1))

    patch.setattr(DateFiles, "add", careless)


def test_an_object_whose_lines_do_not_add_up_is_not_published(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = platform.drop("a.csv", at(1), at(2), at(3))
    with monkeypatch.context() as patch:
        lose_a_row(platform, patch)
        with pytest.raises(AuditFailed, match=r"of 3 lines 2 were staged .* \+1 are unaccounted"):
            platform.ingest()
    assert platform.rows(RAW) == []
    assert platform.pending() == [key]
    platform.ingest()
    assert len(platform.rows(RAW)) == 3


def test_an_object_whose_lines_do_not_add_up_holds_up_no_other(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1), at(2), at(3))
    good = platform.drop("b.csv", at(4))
    with monkeypatch.context() as patch:
        lose_a_row(platform, patch)
        with contextlib.suppress(AuditFailed):
            platform.ingest()
    assert [key for key, _ in platform.origins()] == [good]
