"""Where the page lies, and whether it still says what is published.

Belongs here: writing it whole, finding it again. Not here: what is on it, who asks.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ecom_platform.contracts.ledger import LANDING_OBJECTS, PUBLICATIONS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import TableVersion

PAGE = "index.html"
PARTS = "page"
# Every publication, and every object that was read or refused.
RECORDS = (PUBLICATIONS.name, LANDING_OBJECTS.name)
# The first bytes of a page, among which it says what it was written from.
_HEAD_BYTES = 2048


def page_path(lake: Lake) -> str:
    """Where the page of a lake lies: a path, or `s3://bucket/key`."""
    if lake.settings.s3:
        return f"{lake.settings.lake_name}/dashboard/{PAGE}"
    return str((lake.settings.lake_path / "dashboard" / PAGE).resolve())


def written_from(tables: Mapping[str, TableVersion], incomplete: Mapping[dt.date, str]) -> str:
    """What a page says that is written from these, as a fingerprint.

    Args:
        tables: the records among them are looked at: of all that is on the page nothing changes
            without being recorded.
        incomplete: the dates that are incomplete, which changes also with time.
    """
    records = [tables[name].iceberg for name in RECORDS if name in tables]
    snapshots = [record.current_snapshot() for record in records]
    told = {
        "records": [snapshot.snapshot_id if snapshot else None for snapshot in snapshots],
        "incomplete": {date.isoformat(): why for date, why in sorted(incomplete.items())},
        "parts": _parts(),
    }
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def is_written_from(lake: Lake, fingerprint: str) -> bool:
    """Whether the page that lies beside the tables was written from the same."""
    try:
        with lake.storage.open(page_path(lake)) as page:
            head = page.read(_HEAD_BYTES)
    except FileNotFoundError:
        return False
    return f'content="{fingerprint}"'.encode() in head


def write_page(html: str, lake: Lake, folder: Path | None = None) -> str:
    """Write a page, whole or not at all.

    Args:
        html: the page.
        lake: beside its tables it lies if no folder is named.
        folder: a folder of this machine.

    Returns:
        Where it lies: a path, or `s3://bucket/key`.
    """
    if folder is None and lake.settings.s3:
        path = page_path(lake)
        with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
            file.write(html)
            file.flush()
            lake.storage.upload(Path(file.name), path)
        return path
    target = folder / PAGE if folder else Path(page_path(lake))
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    fresh.write_text(html, encoding="utf-8")
    fresh.replace(target)
    return str(target.resolve())


def part(name: str) -> str:
    """A file of the page: its template, its style or one of its scripts."""
    return (files(__package__) / PARTS / name).read_text(encoding="utf-8")


def _parts() -> str:
    """All of them as a fingerprint: another version of the platform writes another page."""
    found = sorted(file.name for file in (files(__package__) / PARTS).iterdir())
    return hashlib.sha256("".join(map(part, found)).encode()).hexdigest()
