"""`python -m bench.shop`: what changes of the shop cost, folded and replicated.

Belongs here: a day of inserts with and without updates, the replicator beside `pg_recvlogical`.
Not here: months of files (the other contenders), what the platform does with them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.machine import machine_in_a_line

_DAY = dt.date(2020, 4, 15)
_SESSIONS = 10_000
_SESSION_IDS = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(_SESSIONS)]
_PRODUCTS = 1_000
_ROWS_OF_A_TRANSACTION = 1_000
_SLOT, _RAW_SLOT = "bench_shop", "bench_shop_beside"
_INSERT = """
INSERT INTO shop.events (session_id, user_id, product_id, event_type, event_time, price)
SELECT session_id, user_id, product_id, 'view', timestamp '2021-01-01' + n * interval '1 ms', 1
FROM generate_series(%s::int, %s::int) AS n,
    (SELECT session_id, user_id FROM shop.sessions LIMIT 1) AS session,
    (SELECT product_id FROM shop.products LIMIT 1) AS product
"""


def main(arguments: Sequence[str]) -> int:
    """Measure both, and print; exit code 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.shop", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="events of the day")
    parser.add_argument("--changes", type=int, default=200_000, help="rows that are replicated")
    given = parser.parse_args(arguments)
    print(f"{machine_in_a_line()}\n")
    _print_folding(given.rows)
    _print_replication(given.changes)
    return 0


# --- Folding


def _print_folding(rows: int) -> None:
    updates = rows // 100
    print(f"A day of {rows:,} events of the shop, from DMS's files to raw_events, seconds:")
    print(f"{'':34}{'ingest':>8}{'fold':>8}{'events':>8}{'all':>8}")
    with _lake() as lake:
        _write_shop(lake.landing, rows)
        lake.run()  # the engine is warm
    with _lake() as lake:
        _write_shop(lake.landing, rows)
        _print_times("inserts", lake.run())
        _write_updates(lake.landing, rows, updates)
        _print_times(f"{updates:,} updates that come later", lake.run())
    with _lake() as lake:
        _write_shop(lake.landing, rows)
        _write_updates(lake.landing, rows, updates)
        _print_times(f"inserts and {updates:,} updates", lake.run())


def _print_times(label: str, seconds: Sequence[float]) -> None:
    print(f"{label:34}" + "".join(f"{each:8.2f}" for each in (*seconds, sum(seconds))))


class _Lake:
    """A lake of its own, and its landing folder for DMS."""

    def __init__(self, folder: Path, spark: Any) -> None:
        from ecom_platform.lake.lake import Lake
        from ecom_platform.landing.stores import open_landing
        from ecom_platform.pipeline.slice_build import Workplace
        from ecom_platform.settings import load_settings

        settings = load_settings(lake=str(folder), _env_file=None)
        self.landing = settings.landing_path / "dms" / "shop"
        self._lake, self._store = Lake(settings), open_landing(settings)
        self._work = Workplace(self._lake, lambda: spark, "bench")

    def run(self) -> tuple[float, float, float]:
        """Seconds of ingesting, of folding, of feeding raw_events."""
        from ecom_platform.pipeline.ingest_report import IngestReport
        from ecom_platform.pipeline.shop.events import ingest_shop_events
        from ecom_platform.pipeline.shop.fold import find_stale_tables, rebuild_table
        from ecom_platform.pipeline.shop.ingest import find_changes, ingest_changes

        def fold() -> None:
            for table, stale in find_stale_tables(self._lake).items():
                rebuild_table(self._work, table, stale)

        found = find_changes(self._lake, self._store)
        return (
            _seconds(lambda: ingest_changes(self._lake, self._store, found, "bench")),
            _seconds(fold),
            _seconds(lambda: ingest_shop_events(self._work, IngestReport())),
        )


@contextmanager
def _lake() -> Iterator[_Lake]:
    from ecom_platform.engines.session import open_session

    with tempfile.TemporaryDirectory(prefix="ecom-bench-shop-") as folder:
        yield _Lake(Path(folder), open_session("sail"))


def _seconds(step: Callable[[], Any]) -> float:
    begun = time.monotonic()
    step()
    return time.monotonic() - begun


def _write_shop(landing: Path, rows: int) -> None:
    """Changes of a day, all inserts: the events, and what they refer to."""
    at = dt.datetime.combine(_DAY, dt.time())
    products = range(_PRODUCTS)
    users = [number + 1 for number in range(_SESSIONS)]
    _write(landing, "brands", {"brand_id": [1], "brand_name": ["acme"]})
    audio = {"category_id": [5], "category_name": ["audio"], "parent_id": [None]}
    _write(landing, "categories", audio)
    same = {"brand_id": [1] * _PRODUCTS, "category_id": [5] * _PRODUCTS}
    names = [f"product {number}" for number in products]
    prices = {"price": ["1.00"] * _PRODUCTS, "stock": [1] * _PRODUCTS}
    product_ids = [number + 1 for number in products]
    _write(landing, "products", {"product_id": product_ids, "name": names, **same, **prices})
    devices = {"device_type": ["mobile"] * _SESSIONS, "channel": ["email"] * _SESSIONS}
    began = {"started_at": [at] * _SESSIONS}
    _write(landing, "sessions", {"session_id": _SESSION_IDS, "user_id": users, **devices, **began})
    _write(landing, "events", _events(range(1, rows + 1), rows, "1.00"))


def _write_updates(landing: Path, rows: int, updates: int) -> None:
    """A later file that corrects the price of every hundredth event."""
    columns = _events(range(100, 100 * updates + 1, 100), rows, "2.00")
    _write(landing, "events", columns, "U", "20200415-120000000")


def _events(numbers: range, rows: int, price: str) -> dict[str, Any]:
    number = pa.array(numbers, pa.int64())
    micros = [each * (86_400_000_000 // (rows + 1)) for each in numbers]
    midnight = pa.scalar(dt.datetime.combine(_DAY, dt.time()), pa.timestamp("us"))
    return {
        "event_id": number,
        "session_id": pa.array([_SESSION_IDS[each % _SESSIONS] for each in numbers]),
        "user_id": pa.array([each % _SESSIONS + 1 for each in numbers], pa.int64()),
        "product_id": pa.array([each % _PRODUCTS + 1 for each in numbers], pa.int64()),
        "event_type": pa.repeat(pa.scalar("view"), len(numbers)),
        "event_time": pc.add(midnight, pa.array(micros, pa.duration("us"))),
        "price": pa.repeat(pa.scalar(price), len(numbers)),
    }


def _write(
    landing: Path,
    table: str,
    columns: Mapping[str, Any],
    op: str = "I",
    name: str = "20200415-110000000",
) -> None:
    """Write a file of changes as DMS would; each has the number of its row as its sequence."""
    size = len(next(iter(columns.values())))
    rows = pa.table({"Op": pa.repeat(pa.scalar(op), size), **columns})
    sequence = [f"{name[:8]}{name[9:15]}{number:021d}" for number in range(size)]
    path = landing / table / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows.append_column("change_seq", pa.array(sequence)), path)


# --- Replication


def _print_replication(changes: int) -> None:
    from ecom_platform.generator import GeneratorConfig
    from ecom_platform.oltp.load import load_generated
    from ecom_platform.oltp.migrate import migrate
    from ecom_platform.oltp.replicator.options import BEST_FOR_THE_LAKE
    from ecom_platform.oltp.replicator.task import Replicator
    from ecom_platform.oltp.server import EmbeddedServer

    with tempfile.TemporaryDirectory(prefix="ecom-bench-oltp-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedServer(Path(folder, "server"), durable=False)
        server.start()
        try:
            url = server.url()
            migrate(url)
            load_generated(url, GeneratorConfig(_DAY, _DAY, rows=2_000))
            task = Replicator(url, Path(folder, "dms"), BEST_FOR_THE_LAKE, slot=_SLOT)
            task.start()
            end = _insert(url, changes)
            print(f"\n{changes:,} inserted rows, {_ROWS_OF_A_TRANSACTION:,} a transaction:")
            beside = _seconds(lambda: _receive(url, end))
            ours = _seconds(task.flush_all)
            task.close()
        finally:
            server.stop()
    for label, seconds in (("pg_recvlogical, to nowhere", beside), ("ecom oltp replicate", ours)):
        print(f"{label:34}{seconds:8.2f} s{changes / seconds:12,.0f} rows/s")


def _insert(url: str, changes: int) -> str:
    """Insert rows; the place in the log where they end."""
    from ecom_platform.oltp.connection import connect

    with connect(url, autocommit=True) as connection:
        query = "SELECT pg_create_logical_replication_slot(%s, 'pgoutput')"
        connection.execute(query, (_RAW_SLOT,))
        for first in range(1, changes + 1, _ROWS_OF_A_TRANSACTION):
            last = min(first + _ROWS_OF_A_TRANSACTION - 1, changes)
            connection.execute(_INSERT, (first, last))
        row = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
        assert row is not None
        return str(row[0])


def _receive(url: str, end: str) -> None:
    """Let PostgreSQL's own client receive the same changes."""
    from psycopg.conninfo import conninfo_to_dict

    from ecom_platform.oltp.binaries import Account, find_binaries

    place = conninfo_to_dict(url)
    # In the environment, so that no list of processes shows the password.
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    known = {name: str(place[key]) for name, key in names.items()}
    program = find_binaries(Account.of_this_process()) / "pg_recvlogical"
    options = ["-o", "proto_version=1", "-o", f"publication_names={_SLOT}"]
    subprocess.run(  # a program of PostgreSQL's
        [program, "-d", str(place["dbname"]), "--slot", _RAW_SLOT, "--start", "-f", os.devnull,
         "--endpos", end, "--no-loop", *options],
        env={**os.environ, **known}, check=True, timeout=300,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
