"""Loading events into the shop's database: what was seen becomes who, what, when in normal form.

Belongs here: bringing files of the generator into the tables. Not here: the SQL (normal_form.py).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom_platform.errors import OltpFailed
from ecom_platform.generator import GeneratorConfig, generate
from ecom_platform.oltp import normal_form
from ecom_platform.oltp.connection import connect

if TYPE_CHECKING:
    import psycopg

_PIECE_BYTES = 1 << 20
Progress = Callable[[int, int], None]


def load_generated(
    url: str, config: GeneratorConfig, progress: Progress | None = None
) -> dict[str, int]:
    """Generate events and load them.

    Args:
        url: Address of the database.
        config: What to generate; plain files, whatever its compression.
        progress: Called with the rows generated and expected.

    Returns:
        Rows added by table, and `lines`: how many were generated.
    """
    with tempfile.TemporaryDirectory(prefix="ecom-oltp-") as folder:
        report = generate(replace(config, compression="none"), folder, progress)
        paths = [Path(folder) / file.name for file in report.files]
        return load_files(url, paths)


def load_files(url: str, paths: Iterable[Path]) -> dict[str, int]:
    """Load well-formed CSV files of events, all or nothing; what is there already stays as it is.

    Each distinct event becomes one row, however often it was written. Loading the same events
    again adds nothing.

    Args:
        url: Address of the database.
        paths: Plain CSV files with the nine columns of REES46, in their order.

    Returns:
        Rows added by table, and `lines`: how many were read.

    Raises:
        OltpFailed: a line is no event, or the tables are missing.
    """
    import psycopg

    with connect(url) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(normal_form.STAGE)
            for path in paths:
                _copy(cursor, path)
            cursor.execute("ANALYZE staged")
            added = {"lines": _count(cursor)}
            for table, statement in normal_form.FILL:
                cursor.execute(statement)
                added[table] = added.get(table, 0) + cursor.rowcount
        except psycopg.Error as fault:
            reason = " ".join(str(fault).split())
            raise OltpFailed(f"nothing was loaded: {reason}") from None
    return added


def _copy(cursor: psycopg.Cursor[Any], path: Path) -> None:
    """Hand a file over as it is: the server parses it."""
    with path.open("rb") as stream, cursor.copy(normal_form.COPY) as copy:
        while piece := stream.read(_PIECE_BYTES):
            copy.write(piece)


def _count(cursor: psycopg.Cursor[Any]) -> int:
    row = cursor.execute("SELECT count(*) FROM staged").fetchone()
    assert row is not None
    return int(row[0])
