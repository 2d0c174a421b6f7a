"""How far a task has come: a small file beside what it writes.

Belongs here: its content, and replacing it. Not here: when it is written (task.py).
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

FOLDER = ".replicator"


@dataclass(frozen=True)
class Checkpoint:
    """What a task must know to go on.

    Attributes:
        phase: Whether the full load is complete.
        database: Identifies the database server and the database that it was made from.
        lsn: All transactions that end here or before are in files.
        stamp: Milliseconds since 1970 in the name of the last file of changes.
        sequence: Number of the last change.
        sequence_us: Microseconds since 1970 in the sequence of the last change.
        pending_lsn: Files of the transactions up to here are being written: after a crash they
            are written again, alike. None when nothing is being written.
        pending_stamp: Milliseconds since 1970 before the name of the first of these files.
    """

    phase: Literal["full_load", "changes"]
    database: str
    lsn: int = 0
    stamp: int = 0
    sequence: int = 0
    sequence_us: int = 0
    pending_lsn: int | None = None
    pending_stamp: int = 0


class CheckpointFile:
    """The file of one task's checkpoint.

    Args:
        root: Folder of the task's files.
        slot: The task's replication slot.
    """

    def __init__(self, root: Path, slot: str) -> None:
        self._path = root / FOLDER / f"{slot}.json"

    def read(self) -> Checkpoint | None:
        """The checkpoint; None if the task never began."""
        try:
            return Checkpoint(**json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def write(self, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint: whoever reads sees the old one or the new one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        hidden = self._path.with_suffix(".part")
        with hidden.open("w", encoding="utf-8") as stream:
            json.dump(asdict(checkpoint), stream)
            stream.flush()
            os.fsync(stream.fileno())
        hidden.replace(self._path)
