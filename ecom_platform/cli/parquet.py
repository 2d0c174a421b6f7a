"""Results as a Parquet file on standard output, for whoever works on with them.

Belongs here: writing batches as they come. Not here: other formats (results.py), queries.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from ecom_platform.cli.results import Format
from ecom_platform.cli.terminal import OUT
from ecom_platform.errors import SettingsError

if TYPE_CHECKING:
    import duckdb

_ROWS_AT_ONCE = 100_000


def refuse_a_terminal(form: Format) -> None:
    """Refuse to write what nobody can read.

    Args:
        form: the format that was asked for.

    Raises:
        SettingsError: standard output is a terminal.
    """
    if form is Format.PARQUET and OUT.is_terminal:
        raise SettingsError("--format parquet writes a file: redirect it, > result.parquet")


def write_parquet(connection: duckdb.DuckDBPyConnection, limit: int | None) -> None:
    """Write the result of the connection's query, with the types that it has.

    Args:
        connection: has executed a query.
        limit: write so many rows at most.
    """
    batches = connection.to_arrow_reader(_ROWS_AT_ONCE)
    left = limit
    with pq.ParquetWriter(sys.stdout.buffer, batches.schema, compression="zstd") as writer:
        for batch in batches:
            part = batch if left is None else batch.slice(0, left)
            writer.write_batch(part)
            left = None if left is None else left - part.num_rows
            if left == 0:
                break
    sys.stdout.buffer.flush()
