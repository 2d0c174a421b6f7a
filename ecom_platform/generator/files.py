"""Files of a landing folder: their names, and writing them so that no reader sees half of one.

Belongs here: naming, compressing, renaming, cutting. Not here: which rows a file holds (run.py).
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

from isal import igzip_threaded

from ecom_platform.generator.config import Compression, GeneratorConfig, GeneratorError, Split
from ecom_platform.generator.lines import HEADER

# isal's level 1 (of 0 to 3): the fastest here that still compresses as well as gzip -1.
_LEVEL = 1
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def suffix(compression: Compression) -> str:
    """End of a file's name."""
    return ".csv.gz" if compression == "gz" else ".csv"


def stem_of(split: Split, day: dt.date, hour: int) -> str:
    """Name, without its suffix, of the file that holds an hour: a month is named as by REES46."""
    if split == "month":
        return f"{day.year}-{_MONTHS[day.month - 1]}"
    return f"events_{day}" if split == "day" else f"events_{day}T{hour:02d}"


def late_stem(day: dt.date) -> str:
    """Name of the file with a date's late rows."""
    return f"events_{day}_late"


def truncated_stem(day: dt.date) -> str:
    """Name of the file whose gzip stream is cut."""
    return f"events_{day}_truncated"


def repeated_name(name: str) -> str:
    """Name of a file's repetition: 2020-Apr.csv.gz becomes 2020-Apr_repeated.csv.gz."""
    stem, dot, ending = name.partition(".")
    return f"{stem}_repeated{dot}{ending}"


def planned_files(config: GeneratorConfig) -> list[str]:
    """Names of the files that a config writes and that can be repeated, in order."""
    ending = suffix(config.compression)
    stems = [
        stem_of(config.split, day, hour)
        for day in config.written_dates()
        for hour in config.written_hours()
    ]
    late = [late_stem(late.event_date) for late in config.faults.late]
    return [stem + ending for stem in dict.fromkeys([*stems, *late])]


def open_folder(folder: Path) -> None:
    """Make the folder and see that files can be written.

    Raises:
        GeneratorError: it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".generator.part"
        probe.touch()
        probe.unlink()
    except OSError as fault:
        raise GeneratorError(
            f"cannot write to {folder}: {fault.strerror}; choose another folder"
        ) from fault


class EventFile:
    """A file under construction, under a hidden name until it is finished."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / name
        self._hidden = folder / f".{name}.part"
        self._stream: IO[bytes] = (
            # Its header holds no time: the same rows give the same bytes.
            igzip_threaded.open(  # type: ignore[no-untyped-call]  # isal has no annotations here
                self._hidden, "wb", compresslevel=_LEVEL, threads=1
            )
            if name.endswith(".gz")
            else self._hidden.open("wb")
        )
        self._stream.write(HEADER)

    def write(self, text: memoryview | bytes) -> None:
        """Append text."""
        self._stream.write(text)

    def finish(self, keep: float = 1.0) -> None:
        """Give the file its name; with `keep` below 1 its end is cut off."""
        self._stream.close()
        if keep < 1:
            os.truncate(self._hidden, int(self._hidden.stat().st_size * keep))
        self._hidden.replace(self._path)

    def discard(self) -> None:
        """Throw the file away; whatever had its name before stays."""
        # Closing writes what is buffered: on a full disk it fails once more.
        with suppress(OSError):
            self._stream.close()
        self._hidden.unlink(missing_ok=True)


def repeat_file(folder: Path, name: str) -> str:
    """Write a file a second time under another name; returns the name."""
    copy = repeated_name(name)
    hidden = folder / f".{copy}.part"
    try:
        shutil.copyfile(folder / name, hidden)
        hidden.replace(folder / copy)
    finally:
        hidden.unlink(missing_ok=True)
    return copy
