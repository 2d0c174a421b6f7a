"""The files of a run that are open at the moment, and what each holds so far.

Belongs here: which file is open when. Not here: how one is written (files.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ecom_platform.generator.files import EventFile
from ecom_platform.generator.injection import Injected, spliced
from ecom_platform.generator.lines import Text
from ecom_platform.generator.report import FileKind
from ecom_platform.generator.tally import FileTally


class Output:
    """One file under construction and its tally."""

    def __init__(self, folder: Path, name: str, kind: FileKind) -> None:
        self.tally = FileTally(name, kind)
        self.file = EventFile(folder, name)

    def write(self, day: dt.date, text: Text, injected: Sequence[Injected] = ()) -> None:
        """Append lines of a date, with malformed ones among them."""
        for piece in spliced(text, injected):
            self.file.write(piece)
        self.tally.add(day, len(text.ends), injected)

    def finish(self) -> None:
        """Complete the file; of a truncated one the last third is cut off first."""
        self.file.finish(keep=2 / 3 if self.tally.kind == "truncated" else 1.0)


class Outputs:
    """The files of a run: of each kind at most one is open.

    A file is finished when another one of its kind is asked for, or at the end. After an error
    those that are open are thrown away.
    """

    def __init__(self, folder: Path) -> None:
        self.tallies: list[FileTally] = []
        self._folder = folder
        self._open: dict[FileKind, Output] = {}

    def file(self, name: str, kind: FileKind) -> Output:
        """The file of that name: a new one, or the open one."""
        current = self._open.get(kind)
        if current and current.tally.name == name:
            return current
        if current:
            self._open.pop(kind).finish()
        output = self._open[kind] = Output(self._folder, name, kind)
        self.tallies.append(output.tally)
        return output

    def __enter__(self) -> Outputs:
        return self

    def __exit__(
        self,
        fault_type: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            while fault_type is None and self._open:
                self._open.popitem()[1].finish()
        finally:
            for output in self._open.values():
                output.file.discard()
