"""Where DMS puts which file, and how it calls it.

Belongs here: folders and names. Not here: what is in a file.
"""

from __future__ import annotations

import datetime as dt
import re

from ecom_platform.oltp.replicator.options import DmsSettings

_PARTS = {
    "YYYYMMDD": ("%Y", "%m", "%d"),
    "YYYYMMDDHH": ("%Y", "%m", "%d", "%H"),
    "YYYYMM": ("%Y", "%m"),
    "MMYYYYDD": ("%m", "%Y", "%d"),
    "DDMMYYYY": ("%d", "%m", "%Y"),
}
_DELIMITERS = {"SLASH": "/", "UNDERSCORE": "_", "DASH": "-", "NONE": ""}
_CHANGES = re.compile(r"(\d{8}-\d{9})\.(?:parquet|csv|csv\.gz)")
_LOAD = re.compile(r"LOAD[0-9A-F]{8}\.(?:parquet|csv|csv\.gz)")


def moment(microseconds: int) -> dt.datetime:
    """A moment from microseconds since 1970, UTC."""
    return dt.datetime.fromtimestamp(0, tz=dt.UTC) + dt.timedelta(microseconds=microseconds)


def timestamp_text(microseconds: int) -> str:
    """A moment as DMS writes it into the timestamp column: yyyy-MM-dd HH:mm:ss.SSSSSS."""
    return f"{moment(microseconds):%Y-%m-%d %H:%M:%S.%f}"


def load_name(number: int, settings: DmsSettings) -> str:
    """Name of a full load's file, from 1; the counter is hexadecimal: LOAD0000000A is the 10th."""
    return f"LOAD{number:08X}{settings.suffix}"


def changes_name(stamp: int, settings: DmsSettings) -> str:
    """Name of a file of changes, by milliseconds since 1970: 20200415-101112345.parquet."""
    written = moment(stamp * 1000)
    return f"{written:%Y%m%d-%H%M%S}{stamp % 1000:03d}{settings.suffix}"


def changes_folder(committed_us: int, settings: DmsSettings) -> str:
    """Folder of a change below its table's folder: by the date of its commit, or none."""
    if not settings.date_partition_enabled:
        return ""
    committed = moment(committed_us)
    parts = [committed.strftime(part) for part in _PARTS[settings.date_partition_sequence]]
    return _DELIMITERS[settings.date_partition_delimiter].join(parts)


def changes_stamp(name: str) -> str | None:
    """The stamp in the name of a file of changes, which sorts as text; None if it is another."""
    found = _CHANGES.fullmatch(name)
    return found[1] if found else None


def is_load(name: str) -> bool:
    """Whether a name is that of a full load's file."""
    return _LOAD.fullmatch(name) is not None
