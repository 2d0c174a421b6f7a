"""Event transactions: many events of a run stored at once, where Dagster stores them in SQLite.

Belongs here: what is known of Dagster's storage in SQLite. Not here: which events are stored.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy

if TYPE_CHECKING:
    import dagster as dg
    from dagster._core.storage.event_log import SqliteEventLogStorage
    from sqlalchemy import Connection

_Connect = Callable[[str], AbstractContextManager["Connection"]]


@contextmanager
def one_transaction(instance: dg.DagsterInstance) -> Iterator[None]:
    """Store the events of this block in one transaction; all of them, or none if it fails.

    For each check result Dagster opens a database of SQLite seven times, compiles its statements
    anew each time, and waits three times for the disk: most of what the checks of a date cost.
    Within this block the databases stay open. Other processes cannot write meanwhile, and wait up
    to half a minute: keep it short, and compute before it.

    Other storages keep connections of their own: with them this does nothing.

    Args:
        instance: the instance in which this thread is about to store events.
    """
    # Whoever only loads the definitions needs no storage.
    from dagster._core.storage.event_log import SqliteEventLogStorage

    storage = instance.event_log_storage
    if not isinstance(storage, SqliteEventLogStorage):
        yield
        return
    with ExitStack() as open_databases:
        # Set on the object, they hide the methods of its class; a test holds this to the installed
        # version.
        kept = {
            "_connect": _kept_open(storage, open_databases),
            "has_table": cache(storage.has_table),
        }
        vars(storage).update(kept)
        try:
            yield
        finally:
            for name in kept:
                del vars(storage)[name]


def _kept_open(storage: SqliteEventLogStorage, open_databases: ExitStack) -> _Connect:
    """What opens a database when it is first asked for, and hands out the same connection later."""
    from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS

    owner, kept = threading.get_ident(), dict[str, "Connection"]()
    once: _Connect = storage._connect  # noqa: SLF001  Dagster offers no other way

    @contextmanager
    def connect(shard: str) -> Iterator[Connection]:
        if threading.get_ident() != owner:  # a connection of SQLite belongs to its thread
            with once(shard) as connection:
                yield connection
            return
        if shard not in kept:
            with once(shard):  # makes the database if there is none
                pass
            engine = sqlalchemy.create_engine(
                storage.conn_string_for_shard(shard),
                poolclass=sqlalchemy.pool.NullPool,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
            )
            connection = open_databases.enter_context(engine.connect())
            open_databases.enter_context(connection.begin())
            kept[shard] = connection
        yield kept[shard]

    return connect
