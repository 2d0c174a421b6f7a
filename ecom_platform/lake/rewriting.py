"""Rewriting: the rows of many small files, unchanged, in few large ones.

Belongs here: copying rows and proving that they are the same. Not here: which files, commits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from ecom_platform.errors import EcomError
from ecom_platform.lake.staging import COMPRESSION

if TYPE_CHECKING:
    from ecom_platform.contracts.table import TableContract
    from ecom_platform.lake.staging import Stage, StagedFiles
    from ecom_platform.lake.storage import Storage

# Rows that wait in memory for their row group: some 100 MB of events.
_ROWS_OF_A_GROUP = 1 << 19
_ROWS_OF_A_BATCH = 1 << 16


class RowsDiffer(EcomError):
    """Rewritten files do not hold the rows that they were made from; nothing was committed."""


@dataclass(frozen=True)
class Content:
    """What some files hold, whatever the order of rows and files.

    Attributes:
        row_count: their rows.
        checksum: the sum and the parity of a hash of every row.
    """

    row_count: int
    checksum: tuple[int, int]


def content_of(storage: Storage, paths: Sequence[str], contract: TableContract) -> Content:
    """Read files and sum up their rows by a hash over all columns of the contract.

    The sum tells rows that were lost, added, repeated or changed; no order of rows changes it.
    """
    # Here, and not above: whoever only loads the definitions need not wait for it.
    import duckdb

    columns = ", ".join(f'"{name}"' for name in contract.column_names)
    hash_ = f"hash({columns})"
    rows = pa.RecordBatchReader.from_batches(
        contract.arrow_schema, _batches(storage, paths, contract)
    )
    with duckdb.connect(":memory:") as connection:
        row = (
            connection.from_arrow(rows)
            .aggregate(
                f"count(*), coalesce(sum({hash_}::HUGEINT), 0), coalesce(bit_xor({hash_}), 0)"
            )
            .fetchone()
        )
    assert row is not None  # an aggregate always has a row
    return Content(row[0], (int(row[1]), int(row[2])))


def rewrite(
    storage: Storage, paths: Sequence[str], contract: TableContract, stage: Stage, name: str
) -> StagedFiles:
    """Copy the rows of files into one staged file, in their order and in constant memory.

    Args:
        storage: where the files lie.
        paths: the files, in the order that their rows will have.
        contract: the columns.
        stage: where the new file goes.
        name: its name.

    Returns:
        The new file.

    Raises:
        RowsDiffer: the new file does not hold the same rows; it stays for inspection.
    """
    # Without the Arrow schema, as all files of the lake: engines would take its types for theirs.
    with stage.parquet_writer(
        name, contract.arrow_schema, compression=COMPRESSION, store_schema=False
    ) as writer:
        waiting: list[pa.RecordBatch] = []
        for batch in _batches(storage, paths, contract):
            waiting.append(batch)
            if sum(one.num_rows for one in waiting) >= _ROWS_OF_A_GROUP:
                _write(writer, waiting)
                waiting = []
        if waiting:
            _write(writer, waiting)
    written = stage.collect()
    before = content_of(storage, paths, contract)
    after = content_of(storage, written.paths, contract)
    if before != after:
        raise RowsDiffer(
            f"{contract.name}: {written.folder}/{name} holds {after.row_count:,} rows, the "
            f"{len(paths)} files "
            f"that it was made from hold {before.row_count:,}, or their values differ; the files "
            "stay as they are: keep the new one and report it"
        )
    return written


def _write(writer: pq.ParquetWriter, batches: Sequence[pa.RecordBatch]) -> None:
    table = pa.Table.from_batches(batches)
    writer.write_table(table, row_group_size=table.num_rows)


def _batches(
    storage: Storage, paths: Sequence[str], contract: TableContract
) -> Iterator[pa.RecordBatch]:
    """The rows of files with the columns of the contract, of which older files may lack some.

    Raises:
        RowsDiffer: a file has a column that the contract has not, which would be lost.
    """
    schema = contract.arrow_schema
    for path in paths:
        with storage.open(path) as stream, pq.ParquetFile(stream) as file:
            unknown = set(file.schema_arrow.names) - set(schema.names)
            if unknown:
                raise RowsDiffer(
                    f"{contract.name}: {path} holds {', '.join(sorted(unknown))}, which the "
                    "contract does not; it stays as it is"
                )
            for batch in file.iter_batches(batch_size=_ROWS_OF_A_BATCH):
                yield _with_columns(batch, schema)


def _with_columns(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        batch.column(field.name).cast(field.type)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
