"""Maintenance at any moment of a lake's life, and beside whoever writes and reads it."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecom_platform.errors import PublishConflict
from ecom_platform.lake import expiry
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.sql import connect
from ecom_platform.landing.folder_store import FolderStore
from ecom_platform.pipeline.maintenance import maintain
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform_tests.platform_in_small import LONG_AFTER, Drop, SmallPlatform
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT, NOON, age, data_files, everything

# What can happen to a lake: an object comes (again) for an hour of one of two dates, a run while
# the first date is open, a run long after, maintenance.
ARRIVALS = st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 59))
MOMENTS = st.lists(
    st.one_of(ARRIVALS, st.sampled_from(["run by the hour", "run", "maintain", "maintain"])),
    min_size=3,
    max_size=8,
)
HOURS = range(14)


def make_platform(platform: SmallPlatform, folder: Path, **changes: object) -> SmallPlatform:
    """A lake of its own with the engine of another one."""
    chosen = platform.lake.settings.model_copy(update={"lake": str(folder), **changes})
    lake = Lake(chosen)
    landing = chosen.landing_path
    work = Workplace(lake, platform.work.open_spark, "run-1")
    return SmallPlatform(lake, FolderStore(landing), work, Drop(landing))


@pytest.mark.slow
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moments=MOMENTS)
def test_maintenance_at_any_moment_changes_nothing(
    platform: SmallPlatform, tmp_path_factory: pytest.TempPathFactory, moments: list
) -> None:
    # Every version but the current one is forgotten, every unmentioned file is old enough.
    harsh = {"snapshot_days": 0, "unreferenced_hours": 0}
    maintained = make_platform(platform, tmp_path_factory.mktemp("maintained"), **harsh)
    left_alone = make_platform(platform, tmp_path_factory.mktemp("alone"))
    for moment in [*moments, "run"]:
        if moment == "maintain":
            before = everything(maintained.lake)
            # Two hours later, nobody is reading any more what was forgotten.
            for hours in (0, 2):
                now = dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=hours)
                assert maintain(maintained.lake, now, "maintenance-1").faults == []
            assert everything(maintained.lake) == before
            continue
        for one in (maintained, left_alone):
            if isinstance(moment, tuple):
                hour, day, minute = moment
                lines = [at(hour, minute, DAY + dt.timedelta(days=day)), at(hour), "no event"]
                one.drop(f"{hour}-{day}.csv", *lines, written_at=LONG_AFTER)
            else:
                one.run(now=NOON if moment == "run by the hour" else LONG_AFTER)
    for table in (CLEAN, FACT):
        assert maintained.rows(table) == left_alone.rows(table)


@pytest.mark.slow
def test_a_writer_and_a_reader_beside_maintenance_never_fail(
    platform: SmallPlatform,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expiry, "GRACE", dt.timedelta(seconds=10))
    forgetful = make_platform(platform, tmp_path / "shared", snapshot_days=0)
    beside = Beside(make_platform(platform, tmp_path / "shared"))
    threads = [threading.Thread(target=beside.write), threading.Thread(target=beside.read)]
    for thread in threads:
        thread.start()
    removed = compacted = 0
    while not beside.ended.is_set():
        report = maintain(forgetful.lake, dt.datetime.now(tz=dt.UTC), "maintenance-1")
        assert report.faults == []
        removed += report.total("files_removed")
        compacted += report.total("dates_compacted")
    for thread in threads:
        thread.join()
    assert beside.faults == []
    # Every reader saw whole hours, and never fewer rows than one before it.
    assert all(rows == events and rows % 2 == 0 for rows, events in beside.counts)
    assert beside.counts == sorted(beside.counts)
    forgetful.run()
    assert len(forgetful.rows(FACT)) == 2 * len(HOURS)
    assert (removed > 0, compacted > 0) == (True, True)


@dataclass
class Beside:
    """A writer and a reader of a lake, each for a thread of its own."""

    platform: SmallPlatform
    faults: list[Exception] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        try:
            for hour in HOURS:
                self.platform.drop(f"{hour}.csv", at(hour), at(hour), at(hour, 30))
                # By this clock the date is open; by that of maintenance it is closed, and may be
                # compacted while an hour of it is rebuilt. Then the run gives way, and tries again.
                try:
                    self.platform.run(now=LONG_AFTER if hour % 4 == 3 else NOON)
                except PublishConflict:
                    self.platform.run(now=LONG_AFTER)
                for path in data_files(self.platform.lake):
                    age_quietly(Path(path))
        except Exception as fault:  # noqa: BLE001  # told by the main thread
            self.faults.append(fault)
        finally:
            self.ended.set()

    def read(self) -> None:
        lake = Lake(self.platform.lake.settings)
        try:
            while not self.ended.is_set():
                if FACT in lake.existing_tables():
                    sql = "SELECT count(*), count(DISTINCT event_id) FROM fact_user_events"
                    with connect(lake) as connection:
                        self.counts.append(connection.execute(sql).fetchone())
        except Exception as fault:  # noqa: BLE001  # told by the main thread
            self.faults.append(fault)


def age_quietly(path: Path) -> None:
    try:
        age(path, hours=30)
    except FileNotFoundError:  # maintenance was quicker
        return
