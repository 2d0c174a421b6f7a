"""The fate of one line of an object.

Belongs here: looking the line up, table by table, until its fate is known. Not here: whole objects,
how an answer is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pyiceberg.expressions import And, BooleanExpression, EqualTo

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS, SOURCE_COLUMNS
from ecom_platform.contracts.reasons import EVENT_REASONS, LINE_REASONS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.landing.line_lookup import read_line
from ecom_platform.landing.objects import ObjectChangedError
from ecom_platform.landing.read_limits import ReadLimits
from ecom_platform.landing.rejections import ObjectRefused
from ecom_platform.pipeline.held import built_from_held
from ecom_platform.pipeline.staleness import ledger_inputs

if TYPE_CHECKING:
    from ecom_platform.pipeline.trace.origin import Origin, TracedVersion

Fate = Literal[
    "published",
    "duplicate",
    "rejected",
    "malformed",
    "header",
    "superseded",
    "refused",
    "pending",
    "lost",
    "no_such_row",
    "not_ingested",
]

# An object must be read as far as the line; a second or two for one of this size.
LARGEST_OBJECT_TO_READ = 256 << 20

_WITHOUT_TEXT = ("no_such_row", "superseded", "refused")

# Never null in raw_events: they find the rows that are worth comparing.
_TELLING = ("event_time", "user_id", "product_id")

RowOf = dict[str, Any]


@dataclass(frozen=True)
class TracedRow:
    """What became of a line.

    Attributes:
        source_object, source_row: the line; the header is line 1.
        object_version: the version of the object that was looked at.
        fate: in one word.
        sentence: in one sentence.
        line: the text, where landing still holds it or it was rejected.
        facts: what belongs to the fate, by name: event_id, event_date, reason and so on.
        values: the nine source columns as they are stored.
        note: what else a person should know.
    """

    source_object: str
    source_row: int
    object_version: str | None
    fate: Fate
    sentence: str
    line: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    note: str | None = None


def trace_row(origin: Origin, row: int, version: str | None = None) -> TracedRow:
    """Find out what became of a line.

    Args:
        origin: the object.
        row: the physical line; the header is line 1.
        version: the beginning of the version to look at; None for the visible one.

    Raises:
        UnknownVersion: the object was never read in that version.
    """
    told = partial(TracedRow, origin.key, row)
    if not origin.versions:
        sentence = "not ingested yet: it lies in landing; `ecom run` reads it"
        return told(None, "not_ingested", sentence, _text(origin, None, row))
    looked_at = origin.version(version) if version else origin.current or origin.versions[-1]
    found = _fate_in_version(origin, looked_at, row)
    if found.line is None and found.fate not in _WITHOUT_TEXT:
        found = replace(found, line=_text(origin, looked_at, row))
    if origin.in_landing and not any(origin.lies_in_landing(v.outcome) for v in origin.versions):
        return replace(found, note="landing holds a newer version, which `ecom run` will read")
    return found


def _fate_in_version(origin: Origin, version: TracedVersion, row: int) -> TracedRow:
    outcome = version.outcome
    told = partial(TracedRow, origin.key, row, outcome.object_version)
    if version.status == "refused":
        sentence = f"its object was refused whole: {outcome.reason}, {outcome.detail}"
        facts = {"reason": outcome.reason, "detail": outcome.detail}
        return told("refused", sentence, facts=facts)
    last = outcome.line_count + 1
    if row > last or version.status == "superseded":
        return _beyond_what_is_visible(origin, version, row, told)
    if row == 1:
        return told("header", "the header: it names the columns and is no event")
    return _fate_of_line(origin, told, row)


def _beyond_what_is_visible(
    origin: Origin, version: TracedVersion, row: int, told: Any
) -> TracedRow:
    """A line that the visible version has not, or of a version that is not visible."""
    longer = [
        v for v in origin.versions if v.status == "superseded" and row <= v.outcome.line_count + 1
    ]
    older = version if version.status == "superseded" else longer[-1] if longer else None
    if older is None or row > older.outcome.line_count + 1:
        last = version.outcome.line_count + 1
        rows = f"its rows are the lines 2 to {last:,}" if last > 1 else "it has a header and no row"
        facts = {"line_count": version.outcome.line_count}
        missing: TracedRow = told("no_such_row", f"there is no such line: {rows}", facts=facts)
        return missing
    newer = origin.current
    by = newer.outcome.object_version if newer else None
    sentence = f"superseded: version {by} of the object replaced {older.outcome.object_version}"
    found: TracedRow = told("superseded", sentence, facts={"superseded_by": by})
    return replace(found, object_version=older.outcome.object_version)


def _fate_of_line(origin: Origin, told: Any, row: int) -> TracedRow:
    """The fate of a line that the visible version has."""
    here = _at(origin.key, row)
    rejected = origin.rows(REJECTED_EVENTS.name, here)
    malformed = next((r for r in rejected if r["layer"] == "raw"), None)
    if malformed:
        reason = malformed["reason"]
        sentence = f"malformed: {reason}. {LINE_REASONS.get(reason, '')}"
        facts = _chosen(malformed, ("reason", "detail", "event_date", "rejected_at"))
        found: TracedRow = told("malformed", sentence, malformed["line"], facts)
        return found
    raw = next(iter(origin.rows(RAW_EVENTS.name, here)), None)
    if raw is None:
        sentence = "lost: it was read, and stands in no table; the row ledger names such objects"
        lost: TracedRow = told("lost", sentence)
        return lost
    told = partial(told, values=_chosen(raw, SOURCE_COLUMNS))
    date, hour = raw["event_date"], raw["event_time"].hour
    if hour in ledger_inputs(origin.lake, [date])[date].unsettled:
        held = built_from_held(origin.lake, ROW_LEDGER.name).get(date, [])
        sentence = f"pending: {date} hour {hour} is not rebuilt as far as the fact; " + (
            "; ".join(hold.message for hold in held) or "see `ecom run`"
        )
        waiting: TracedRow = told(
            "pending", sentence, facts={"event_date": date, "event_hour": hour}
        )
        return waiting
    fate, sentence, facts = _fate_of_event(origin, raw) or _repeated(origin, raw)
    judged: TracedRow = told(fate, sentence, facts=facts)
    return judged


def _fate_of_event(origin: Origin, raw: RowOf) -> tuple[Fate, str, dict[str, Any]] | None:
    """The fate of a raw row that was published or rejected itself, or None."""
    date, hour = raw["event_date"], raw["event_time"].hour
    here = And(
        EqualTo("event_date", date.isoformat()), _at(raw["source_object"], raw["source_row"])
    )
    facts: dict[str, Any] = {"event_date": date, "event_hour": hour}
    clean = next(iter(origin.rows(CLEAN_EVENTS.name, here, ["event_id"])), None)
    if clean:
        facts |= {"event_id": clean["event_id"], "table": FACT_USER_EVENTS.name}
        same = And(EqualTo("event_date", date.isoformat()), EqualTo("event_id", clean["event_id"]))
        if origin.rows(FACT_USER_EVENTS.name, same, ["event_id"]):
            sentence = f"published as event_id {clean['event_id']} in {FACT_USER_EVENTS.name}"
            return "published", f"{sentence}, {date} hour {hour}", facts
        sentence = f"lost between {CLEAN_EVENTS.name} and {FACT_USER_EVENTS.name}: event_id "
        return "lost", f"{sentence}{clean['event_id']}", facts
    rejected = next(
        (r for r in origin.rows(REJECTED_EVENTS.name, here) if r["layer"] == "clean"), None
    )
    if rejected:
        reason = rejected["reason"]
        facts |= _chosen(rejected, ("reason", "detail", "rejected_at"))
        return "rejected", f"rejected: {reason}. {EVENT_REASONS.get(reason, '')}", facts
    return None


def _repeated(origin: Origin, raw: RowOf) -> tuple[Fate, str, dict[str, Any]]:
    """The fate of a raw row that was not published itself: the row that it repeats."""
    alike: BooleanExpression = EqualTo("event_date", raw["event_date"].isoformat())
    for name in _TELLING:
        value = raw[name].isoformat() if isinstance(raw[name], dt.datetime) else raw[name]
        alike = And(alike, EqualTo(name, value))
    others = [
        other
        for other in origin.rows(RAW_EVENTS.name, alike)
        if all(other[name] == raw[name] for name in SOURCE_COLUMNS) and _place(other) < _place(raw)
    ]
    for other in sorted(others, key=_place):
        fate = _fate_of_event(origin, other)
        if fate and fate[0] != "lost":
            key, row = _place(other)
            facts = {"duplicate_of": {"source_object": key, "source_row": row}, **fate[2]}
            return "duplicate", f"duplicate of {key} line {row:,}, which is {fate[1]}", facts
    date = raw["event_date"]
    sentence = "lost: it stands in raw_events alone, and repeats no row that was published"
    return "lost", sentence, {"event_date": date, "event_hour": raw["event_time"].hour}


def _text(origin: Origin, version: TracedVersion | None, row: int) -> str | None:
    """The line as landing holds it, if it still holds that version and is not too large."""
    present = origin.in_landing
    if present is None or present.size > LARGEST_OBJECT_TO_READ:
        return None
    if version and not origin.lies_in_landing(version.outcome):
        return None
    limits = ReadLimits(max_line_bytes=origin.lake.settings.max_line_bytes)
    try:
        with origin.store.open(origin.key) as stream:
            return read_line(stream, row, limits)
    except (ObjectRefused, ObjectChangedError):  # damaged before the line, or just replaced
        return None


def _at(key: str, row: int) -> BooleanExpression:
    return And(EqualTo("source_object", key), EqualTo("source_row", row))


def _place(row: RowOf) -> tuple[str, int]:
    return row["source_object"], row["source_row"]


def _chosen(row: RowOf, names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if row.get(name) is not None}
