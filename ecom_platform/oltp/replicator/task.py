"""The task: full load, then changes, over any number of lives.

Belongs here: what is done when, so that a kill at any point loses nothing. Not here: any step.

Each flush first writes into the checkpoint which transactions it is about to put into files and
how it will call them, then the files, then that it is done; last the slot is advanced. A task that
finds an unfinished flush writes the very same files again, so that nothing is there twice either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from psycopg import sql

from ecom_platform.errors import OltpFailed
from ecom_platform.oltp.replicator.change_files import ChangeFiles, LastChange
from ecom_platform.oltp.replicator.checkpoint import Checkpoint, CheckpointFile
from ecom_platform.oltp.replicator.full_load import load_table
from ecom_platform.oltp.replicator.leftovers import remove_all, remove_orphans
from ecom_platform.oltp.replicator.options import DmsSettings
from ecom_platform.oltp.replicator.source import Source
from ecom_platform.oltp.replicator.transactions import Assembler, Pending, Transaction

SLOT = "ecom_dms"
SCHEMA = "shop"
_MOST_CHANGES = 50_000
_EVERYTHING = 2**31 - 1  # the server counts changes in 32 bits
# An idle slot is moved on only now and then.
_IDLE_BYTES = 1 << 20


def now_us() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


class Replicator:
    """One task on one slot.

    Args:
        url: Address of the database.
        root: Folder of the files; `<schema>/<table>/` lies below it.
        settings: In DMS's words.
        slot: Name of the slot and of the publication.
        schema: All its tables are replicated.
        clock: Microseconds since 1970.
        most_changes: About how many changes are held at a time.

    Raises:
        OltpFailed: another task has the slot.
        OltpUnavailable: there is no connection.
    """

    def __init__(
        self,
        url: str,
        root: Path,
        settings: DmsSettings,
        *,
        slot: str = SLOT,
        schema: str = SCHEMA,
        clock: Callable[[], int] = now_us,
        most_changes: int = _MOST_CHANGES,
    ) -> None:
        self._source = Source(url, slot, schema)
        self._folder = root / schema
        self._file = CheckpointFile(root, slot)
        self._settings = settings
        self._clock = clock
        self._most = most_changes

    def close(self) -> None:
        """End the connection; the next life goes on from here."""
        self._source.close()

    def start(self, *, reload: bool = False) -> bool:
        """Begin, or go on; whether a full load was made.

        Args:
            reload: Begin anew, with a full load, although there is something to go on from.

        Raises:
            OltpFailed: changes since the last life are lost, or the database is another one.
        """
        found = self._file.read()
        if reload or found is None or found.phase == "full_load":
            self._load()
            return True
        self._require_no_gap(found)
        remove_orphans(self._folder, found.stamp)
        if found.pending_lsn is not None:
            self._finish_flush(found)
        elif found.lsn > (self._source.confirmed_lsn() or 0):
            self._source.advance(found.lsn)
        return False

    def pending(self) -> Pending:
        """Look at what is in no file yet; nothing is consumed."""
        checkpoint, flushed = self._checkpoint(), self._source.flushed_lsn()
        messages = self._source.peek(self._most)
        ahead = self._assembled(messages, checkpoint.lsn)
        if not ahead and flushed - checkpoint.lsn > _IDLE_BYTES:
            self._file.write(replace(checkpoint, lsn=flushed))
            self._source.advance(flushed)
        return Pending(ahead, is_cut=len(messages) >= self._most)

    def flush(self, pending: Pending) -> int:
        """Put transactions into files; how many changes were written."""
        if not pending.transactions:
            return 0
        checkpoint = self._checkpoint()
        begun = replace(
            checkpoint,
            pending_lsn=pending.transactions[-1].end_lsn,
            pending_stamp=max(checkpoint.stamp, self._clock() // 1000),
        )
        self._file.write(begun)
        return self._write(begun, pending.transactions)

    def flush_all(self, up_to: int | None = None) -> int:
        """Put everything that was committed until now into files; how many changes were written.

        Commits that do not wait for the log (synchronous_commit off) may be left for the next time.

        Args:
            up_to: Only what was committed up to this place in the log.
        """
        written, end = 0, up_to or self._source.flushed_lsn()
        while True:
            pending = self.pending()
            written += self.flush(pending.until(up_to))
            if not pending.is_cut or pending.transactions[-1].end_lsn >= end:
                return written

    def run(
        self, until: Callable[[], bool], *, poll_seconds: float = 1.0, told: Callable[[int], None]
    ) -> None:
        """Flush by size or interval, until told to stop; then once more.

        Args:
            until: Whether to stop; asked after every look.
            poll_seconds: Between two looks.
            told: Called with the number of changes of every flush.
        """
        last = time.monotonic()
        while not until():
            pending = self.pending()
            waited = time.monotonic() - last
            if (
                waited >= self._settings.cdc_max_batch_interval
                or pending.message_bytes >= self._settings.cdc_min_file_size * 1024
                or pending.is_cut
            ):
                if written := self.flush(pending):
                    told(written)
                last = time.monotonic()
            if not pending.is_cut:
                time.sleep(poll_seconds)
        if written := self.flush_all():
            told(written)

    def _load(self) -> None:
        source, settings = self._source, self._settings
        begun = self._clock()
        at = (
            (lambda: begun) if settings.use_task_start_time_for_full_load_timestamp else self._clock
        )
        self._file.write(Checkpoint("full_load", source.identity()))
        source.drop_slot()
        remove_all(self._folder)
        tables = source.tables()
        source.publish(tables)
        finished = []
        with source.new_slot() as (begins_at, reader):
            for table in tables:
                name = sql.Identifier(source.schema, table)
                columns, folder = source.columns(table), self._folder / table
                finished += load_table(reader, name, columns, folder, settings, at)
        for file in finished:
            file.reveal()
        stamp = max(self._clock(), begun) // 1000
        self._file.write(Checkpoint("changes", source.identity(), lsn=begins_at, stamp=stamp))

    def _require_no_gap(self, found: Checkpoint) -> None:
        anew = "begin anew with ecom oltp replicate --reload"
        if found.database != self._source.identity():
            raise OltpFailed(f"the files are of another database; {anew}")
        confirmed = self._source.confirmed_lsn()
        if confirmed is None:
            raise OltpFailed(f"the slot {self._source.slot!r} is gone, and changes with it; {anew}")
        if confirmed > found.lsn:
            raise OltpFailed(
                f"the slot {self._source.slot!r} was read by somebody else, and changes are "
                f"missing; {anew}"
            )

    def _finish_flush(self, begun: Checkpoint) -> None:
        """Write the files of an unfinished flush again, the same ones."""
        end = begun.pending_lsn or 0
        transactions: list[Transaction] = []
        if messages := self._source.peek(_EVERYTHING, up_to=end):
            transactions = self._assembled(messages, begun.lsn)
        self._write(begun, [each for each in transactions if each.end_lsn <= end])

    def _write(self, begun: Checkpoint, transactions: Sequence[Transaction]) -> int:
        last = LastChange(begun.pending_stamp, begun.sequence, begun.sequence_us)
        files = ChangeFiles(self._folder, self._settings, last)
        written = files.write(transactions)
        end = begun.pending_lsn or 0
        self._file.write(
            replace(
                begun,
                lsn=end,
                stamp=files.last.stamp,
                sequence=files.last.sequence,
                sequence_us=files.last.sequence_us,
                pending_lsn=None,
            )
        )
        self._source.advance(end)
        return written

    def _assembled(self, messages: Sequence[bytes], after: int) -> list[Transaction]:
        assembler = Assembler(
            milliseconds=self._settings.parquet_timestamp_in_millisecond, key_of=self._source.key
        )
        return [each for each in assembler.transactions(messages) if each.end_lsn > after]

    def _checkpoint(self) -> Checkpoint:
        found = self._file.read()
        if found is None:
            raise OltpFailed("the task's checkpoint is gone: start it again")
        return found
