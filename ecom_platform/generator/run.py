"""Generating files: hour by hour into the landing folder, with the faults that were asked for.

Belongs here: the order of the steps. Not here: any of the steps.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ecom_platform.generator import files
from ecom_platform.generator.config import (
    EVENT_TYPES,
    GenerationFailed,
    GeneratorConfig,
    GeneratorError,
)
from ecom_platform.generator.injection import inject, plan_malformed
from ecom_platform.generator.lines import LineAssembler
from ecom_platform.generator.malformed import Kind
from ecom_platform.generator.outputs import Outputs
from ecom_platform.generator.report import GenerationReport, LostRows
from ecom_platform.generator.streams import Ints, Purpose
from ecom_platform.generator.tally import DateTally, injected_lines
from ecom_platform.generator.timeline import HourOfEvents, Timeline
from ecom_platform.generator.world import build_world, date_of, first_hour_of

Progress = Callable[[int, int], None]

# The truncated files' events occur nowhere else: if any got through, counts would show it.
_SALT_OF_TRUNCATED = 1


def generate(
    config: GeneratorConfig, out_dir: Path | str, progress: Progress | None = None
) -> GenerationReport:
    """Write the files of a config; existing files of the same names are replaced.

    Memory does not grow with the volume: one hour is held at a time. A file appears under its
    name when it is complete.

    Args:
        config: what to generate.
        out_dir: folder for the files; made if need be.
        progress: called after each hour with the rows written and the rows expected in all.

    Raises:
        GeneratorError: a file to repeat is not among those written, or the folder cannot be used.
        GenerationFailed: writing broke off.
    """
    planned = files.planned_files(config)
    unknown = sorted(set(config.faults.repeated_files) - set(planned))
    if unknown:
        raise GeneratorError(
            f"cannot repeat {', '.join(unknown)}: no such file is written; "
            f"name one that is, e.g. {', '.join(planned[:3])}"
        )
    folder = Path(out_dir)
    files.open_folder(folder)
    try:
        with Outputs(folder) as outputs:
            run = _Run(config, outputs, progress or (lambda _done, _expected: None))
            run.write_events()
        for day in config.faults.truncated_dates:
            run.write_truncated(folder, day)
        for name in config.faults.repeated_files:
            run.repeat(folder, name)
        return run.report(folder)
    except OSError as fault:
        raise GenerationFailed(
            f"writing to {folder} failed: {fault.strerror or fault}; "
            "finished files stay, unfinished ones were removed"
        ) from fault


class _Run:
    """One call of `generate`."""

    def __init__(self, config: GeneratorConfig, outputs: Outputs, progress: Progress) -> None:
        self._config = config
        self._outputs = outputs
        self._progress = progress
        self._world = build_world(config)
        self._assembler = LineAssembler(self._world.assortment.catalogue)
        self._dates = DateTally()
        self._lost: Counter[tuple[dt.date, str]] = Counter()

    def write_events(self) -> None:
        """Write the period's events, and late rows into files of their own."""
        faults = self._config.faults
        lost: defaultdict[dt.date, set[int]] = defaultdict(set)
        for each in faults.lost:
            lost[each.event_date].add(EVENT_TYPES.index(each.event_type))
            self._lost[each.event_date, each.event_type] = 0
        timeline = Timeline(self._world, lost)
        malformed = plan_malformed(self._world, faults.malformed_lines)
        hours = _written_hours(self._config)
        expected, done = round(sum(map(self._world.expected_rows, hours))), 0
        for hour in hours:
            events = timeline.hour(hour)
            for code, rows in enumerate(events.lost_rows):
                if rows:
                    self._lost[date_of(hour), EVENT_TYPES[code]] += rows
            self._write_hour(events, malformed.get(hour, []))
            done += len(events.second)
            self._progress(done, expected)

    def _write_hour(self, events: HourOfEvents, kinds: list[Kind]) -> None:
        day, ending = date_of(events.hour), files.suffix(self._config.compression)
        name = files.stem_of(self._config.split, day, events.hour % 24) + ending
        output = self._outputs.file(name, "events")
        late = self._late_rows(events)
        on_time = np.arange(len(events.second))
        if late is not None:
            on_time = np.delete(on_time, late)
            late_output = self._outputs.file(files.late_stem(day) + ending, "late")
            late_output.write(day, self._assembler.lines(events, late))
        text = self._assembler.lines(events, None if late is None else on_time)
        injected = inject(self._world, events, on_time, text, kinds)
        output.write(day, text, injected)
        self._dates.add(events, injected)

    def _late_rows(self, events: HourOfEvents) -> Ints | None:
        """Rows of an hour to keep back; None on a date without late rows."""
        day = date_of(events.hour)
        for late in self._config.faults.late:
            if late.event_date == day:
                stream = self._world.stream(Purpose.LATE, events.hour)
                chance = stream.below(1_000_000, len(events.second))
                return np.flatnonzero(chance < round(late.share * 1_000_000))
        return None

    def write_truncated(self, folder: Path, day: dt.date) -> None:
        """Write a further file of a date and cut the end of its gzip stream off."""
        world = build_world(self._config, salt=_SALT_OF_TRUNCATED)
        timeline = Timeline(world)
        with Outputs(folder) as outputs:
            output = outputs.file(files.truncated_stem(day) + ".csv.gz", "truncated")
            for hour in self._config.written_hours():
                text = self._assembler.lines(timeline.hour(first_hour_of(day) + hour))
                output.write(day, text)
        self._outputs.tallies += outputs.tallies

    def repeat(self, folder: Path, name: str) -> None:
        """Write a finished file once more under another name."""
        tallies = self._outputs.tallies
        original = next(tally for tally in tallies if tally.name == name)
        tallies.append(original.repeated(files.repeat_file(folder, name)))

    def report(self, folder: Path) -> GenerationReport:
        """What was written."""
        tallies = self._outputs.tallies
        return GenerationReport(
            seed=self._config.seed,
            start=self._config.start,
            end=self._config.end,
            files=tuple(tally.written((folder / tally.name).stat().st_size) for tally in tallies),
            dates=self._dates.expected(tallies),
            injected=injected_lines(tallies),
            lost=tuple(
                LostRows(event_type, day, rows)
                for (day, event_type), rows in sorted(self._lost.items())
            ),
        )


def _written_hours(config: GeneratorConfig) -> list[int]:
    """Hours to write, counted from 1970-01-01T00 UTC, ascending."""
    return [
        first_hour_of(day) + hour
        for day in config.written_dates()
        for hour in config.written_hours()
    ]
