"""Whole transactions from the messages of the log, with rows as the files will hold them.

Belongs here: putting messages together; a key update as D and I. Not here: decoding one, files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ecom_platform.errors import OltpFailed
from ecom_platform.oltp.replicator.columns import Layout
from ecom_platform.oltp.replicator.pgoutput import (
    UNCHANGED,
    Commit,
    Relation,
    RowChange,
    Truncate,
    Value,
    decode,
)


@dataclass(frozen=True)
class Change:
    """One row of a file of changes: `op` is I, U or D; a D may hold only the key."""

    table: str
    layout: Layout
    op: str
    values: tuple[Value, ...]


@dataclass
class Transaction:
    """What was committed together.

    Attributes:
        changes: In the order in which they were made.
        message_bytes: Size of its messages.
        end_lsn: Where the next one may begin; 0 until the commit was seen.
        committed_us: Microseconds since 1970.
    """

    changes: list[Change] = field(default_factory=list)
    message_bytes: int = 0
    end_lsn: int = 0
    committed_us: int = 0


@dataclass(frozen=True)
class Pending:
    """Transactions that are in no file yet; `is_cut`: there are more behind them."""

    transactions: Sequence[Transaction]
    is_cut: bool

    @property
    def message_bytes(self) -> int:
        """Size of their messages, about that of their files."""
        return sum(transaction.message_bytes for transaction in self.transactions)

    def until(self, lsn: int | None) -> Pending:
        """Only what was committed up to a place in the log; None for all."""
        ready = [each for each in self.transactions if lsn is None or each.end_lsn <= lsn]
        return Pending(ready, self.is_cut)


class Assembler:
    """Turns the messages of one peek into transactions.

    Args:
        milliseconds: Whether Parquet times are to be in milliseconds.
        key_of: The columns of a table's primary key, for tables of which the log does not say it.
    """

    def __init__(self, *, milliseconds: bool, key_of: Callable[[str], frozenset[str]]) -> None:
        self._milliseconds = milliseconds
        self._key_of = key_of
        self._relations: dict[int, tuple[Relation, Layout]] = {}

    def transactions(self, messages: Iterable[bytes]) -> Iterator[Transaction]:
        """Transactions in the order of their commits; all are whole.

        Raises:
            OltpFailed: a table was emptied, or a long value is missing; the message has the remedy.
        """
        transaction = Transaction()
        for data in messages:
            message = decode(data)
            transaction.message_bytes += len(data)
            if isinstance(message, RowChange):
                transaction.changes += self._changes(message)
            elif isinstance(message, Commit):
                transaction.end_lsn = message.end_lsn
                transaction.committed_us = message.committed_us
                yield transaction
                transaction = Transaction()
            elif isinstance(message, Relation):
                layout = Layout.of(message.columns, milliseconds=self._milliseconds)
                self._relations[message.oid] = message, layout
            elif isinstance(message, Truncate):
                names = ", ".join(self._relations[oid][0].table for oid in message.oids)
                raise OltpFailed(
                    f"{names}: truncated, which files of changes cannot tell; load anew with "
                    "ecom oltp replicate --reload"
                )

    def _changes(self, change: RowChange) -> Iterator[Change]:
        relation, layout = self._relations[change.oid]

        def made(op: str, values: tuple[Value, ...]) -> Change:
            return Change(relation.table, layout, op, values)

        if change.new is None:
            assert change.old is not None  # every table has a key, so the log has it
            yield made("D", change.old)
            return
        new = _completed(relation, change)
        if change.kind == "U" and change.old and self._has_new_key(relation, change.old, new):
            yield made("D", change.old)
            yield made("I", new)
        else:
            yield made(change.kind, new)

    def _has_new_key(
        self, relation: Relation, old: tuple[Value, ...], new: tuple[Value, ...]
    ) -> bool:
        key = self._key_of(relation.table) if relation.is_whole_row else None
        return any(
            before != after
            for column, before, after in zip(relation.columns, old, new, strict=True)
            if column.is_key and (key is None or column.name in key)
        )


def _completed(relation: Relation, change: RowChange) -> tuple[Value, ...]:
    """The row after a change; values that were not sent are taken from the row before.

    Raises:
        OltpFailed: the row before was not sent either.
    """
    assert change.new is not None
    if UNCHANGED not in change.new:
        return change.new
    if not change.old_is_whole or change.old is None:
        column = relation.columns[change.new.index(UNCHANGED)].name
        table = f"{relation.schema}.{relation.table}"
        raise OltpFailed(
            f"{table}.{column}: an update does not send a long value that it left alone; "
            f"ALTER TABLE {table} REPLICA IDENTITY FULL, then ecom oltp replicate --reload"
        )
    return tuple(
        old if new == UNCHANGED else new for old, new in zip(change.old, change.new, strict=True)
    )
