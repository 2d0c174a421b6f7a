"""Publishing rows of one table as runs do, for tests of its versions.

Belongs here: what those tests share. Not here: tests, staging.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyiceberg.expressions import And, BooleanExpression, EqualTo, GreaterThanOrEqual, LessThan

from ecom_platform_tests.lake.staged import stage_rows
from ecom_platform_tests.samples import Row

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import Snapshot, TableVersion

TABLE = "clean_events"


def on(day: int) -> BooleanExpression:
    return EqualTo("event_date", f"2020-04-{day:02d}")


def in_hour(hour: int) -> BooleanExpression:
    return And(
        on(1),
        GreaterThanOrEqual("event_time", f"2020-04-01T{hour:02d}:00:00+00:00"),
        LessThan("event_time", f"2020-04-01T{hour + 1:02d}:00:00+00:00"),
    )


def publish(
    lake: Lake,
    *differences: Row,
    run: str = "run-1",
    day: int = 1,
    version: TableVersion | None = None,
    replaces: BooleanExpression | None = None,
) -> Snapshot:
    """Replace a date by new rows, as a run that took the given version would."""
    version = version or lake.table(TABLE)
    return version.commit(
        remove=version.files(where=replaces or on(day)),
        add=stage_rows(lake, TABLE, *differences).uris,
        replaces=replaces or on(day),
        properties={"ecom.run_id": run, "ecom.table": TABLE, "ecom.slice": f"2020-04-{day:02d}"},
    )


def ids(lake: Lake) -> list[int]:
    return sorted(lake.table(TABLE).iceberg.scan().to_arrow()["event_id"].to_pylist())
