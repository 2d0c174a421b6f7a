"""Reading: files of a table as rows for the engine, all of them or none.

Belongs here: making sure that every file is there before the engine is asked. Not here: which
files, what is done with their rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.errors import FilesLost

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.contracts.table import TableContract
    from ecom_platform.lake.table import TableFile
    from ecom_platform.pipeline.slice_build import Workplace

_NAMED_FILES = 3


def read_files(work: Workplace, contract: TableContract, files: Iterable[TableFile]) -> DataFrame:
    """The rows of published files; without files, no rows.

    Columns that were added to the contract later are null in older files.

    Raises:
        FilesLost: a file is not there.
    """
    has_dates, names = contract.partition_by is not None, set(contract.column_names)
    read = list(files)
    dates = {file.path: file.event_date if has_dates else None for file in read}
    return read_paths(work, contract, dates, older=any(names - file.columns for file in read))


def read_paths(
    work: Workplace,
    contract: TableContract,
    paths: Mapping[str, dt.date | None],
    *,
    older: bool = False,
) -> DataFrame:
    """The rows of some files; without files, no rows.

    Engines differ when a file of a list is missing: one fails when it comes to it, the default
    one reads the others and says nothing. So every file is looked for first.

    Args:
        work: lake and engine.
        contract: the table.
        paths: the files, each with its event date, if it has one.
        older: whether some lack columns of the contract.

    Raises:
        FilesLost: a file is not there; the message tells how to get it back.
    """
    if not paths:
        return work.spark.createDataFrame([], contract.spark_schema)
    missing = work.lake.storage.missing(paths)
    if missing:
        raise FilesLost(_describe(contract.name, {path: paths[path] for path in missing}))
    reader = work.spark.read.schema(contract.spark_schema) if older else work.spark.read
    return reader.parquet(*work.lake.readable(list(paths)))


def _describe(table_name: str, lost: Mapping[str, dt.date | None]) -> str:
    dates = sorted({date for date in lost.values() if date})
    of = f" of {', '.join(date.isoformat() for date in dates[:_NAMED_FILES])}" if dates else ""
    of += f" and {len(dates) - _NAMED_FILES} more dates" * (len(dates) > _NAMED_FILES)
    named = ", ".join(list(lost)[:_NAMED_FILES])
    named += f" and {len(lost) - _NAMED_FILES} more" * (len(lost) > _NAMED_FILES)
    # Rejected rows have no step of their own.
    step = RAW_EVENTS.name if table_name == REJECTED_EVENTS.name else table_name
    dated = f" --from {dates[0]} --to {dates[-1]}" if dates else ""
    return (
        f"{table_name}{of} cannot be read: {named} {'is' if len(lost) == 1 else 'are'} not there. "
        f"Put back what is lost from a backup, or build it anew: "
        f"`ecom run --rebuild {step}{dated}`"
    )
