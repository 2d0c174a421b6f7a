"""Local copies: objects of a lake on S3 as files of this machine, for an engine without S3.

Belongs here: fetching and forgetting copies. Not here: which engine needs them.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecom_platform.lake.storage import Storage

_AT_ONCE = 8


class LocalCopies:
    """Copies of files in a temporary folder, which goes with this object.

    A file of the lake never changes under its name, so a copy stays good. Nothing is forgotten
    before the end: an engine may read again what it has planned.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._folder = Path(tempfile.mkdtemp(prefix="ecom-copies-"))
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def of(self, paths: Sequence[str]) -> list[str]:
        """The same files on this machine, in the same order.

        Raises:
            FileNotFoundError: one of them is not there.
        """
        with self._lock:
            missing = [path for path in dict.fromkeys(paths) if path not in self._known]
            with ThreadPoolExecutor(_AT_ONCE) as threads:
                targets = [str(self._target(path)) for path in missing]
                list(threads.map(self._storage.download, missing, map(Path, targets)))
            self._known.update(zip(missing, targets, strict=True))
            return [self._known[path] for path in paths]

    def _target(self, path: str) -> Path:
        return self._folder / path.removeprefix(self._storage.root).strip("/")
