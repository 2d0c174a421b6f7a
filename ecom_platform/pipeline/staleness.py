"""Staleness: which slices of a table no longer match what they are built from.

Belongs here: comparing inputs with publications, table by table. Not here: rebuilding.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ecom_platform.contracts.marts import EDA_PROFILE, VALUE_DAYS
from ecom_platform.contracts.model import PARTIALS, SESSION_DAYS
from ecom_platform.lake.slices import (
    EXAMINED,
    HourFingerprints,
    StaleDate,
    combine,
    derive,
    digest,
    find_stale,
    has_ended,
    is_open,
)
from ecom_platform.pipeline.inputs import INPUT_OF, INPUTS_OF, MULTIDAY, Input
from ecom_platform.pipeline.ledger.inputs import LedgerInputs, malformed_fingerprints

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.publications import PublishedDate
    from ecom_platform.lake.table import TableFile

# Part of every fingerprint: raise it when the logic that builds a table changes what it builds,
# and every slice of it becomes stale.
LOGIC_VERSIONS = {
    "clean_events": "1",
    "fact_user_events": "1",
    "session_days": "2",
    "user_taste_days": "1",
    "product_days": "1",
    "product_buyer_days": "1",
    "product_version_days": "1",
    "dim_users": "2",
    "dim_products": "2",
    "dim_product_versions": "1",
    "row_ledger": "1",
    "value_days": "1",
    "eda_profile": "1",
    "eda_profile_lake": "1",
    **dict.fromkeys((MULTIDAY, *INPUTS_OF), "1"),
    "mart_users": "2",
    "mart_daily_users": "2",
    "mart_cohorts": "2",
}

# Built once a date has ended, and always as a whole.
DAILY_TABLES = frozenset(
    [*(table.name for table in (*PARTIALS, VALUE_DAYS, EDA_PROFILE)), MULTIDAY, *INPUTS_OF]
)


def raw_fingerprints(files: Iterable[TableFile]) -> dict[dt.date, dict[int, str]]:
    """What the hours of raw_events hold: the versions of the objects that contribute rows.

    The time of reading is part of it: read again by another reader, the same version may give
    other rows. An object counts for every hour between its first and last event of a date: an
    hour may be rebuilt needlessly, and never too seldom.
    """
    contributors: dict[dt.date, dict[int, set[tuple[str, ...]]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for file in files:
        assert file.event_date is not None  # raw events have a date by contract
        read_at = file.bounds("ingested_at")[0].isoformat()
        origin = (file.only("source_object"), file.only("object_version"), read_at)
        for hour in file.hours:
            contributors[file.event_date][hour].add(origin)
    return {
        date: {
            hour: digest("@".join(o) for o in sorted(origins)) for hour, origins in hours.items()
        }
        for date, hours in contributors.items()
    }


def input_fingerprints(
    lake: Lake, table_name: str, dates: Iterable[dt.date] | None
) -> Mapping[dt.date, HourFingerprints]:
    """The present fingerprints of what a table is built from, by date."""
    if table_name in INPUTS_OF:
        return _fingerprints_of_several(lake, INPUTS_OF[table_name], dates)
    source = INPUT_OF[table_name]
    if table_name == "row_ledger":
        inputs = ledger_inputs(lake, dates)
        return {date: of_date.fingerprints for date, of_date in inputs.items()}
    if source == "raw_events":
        return raw_fingerprints(lake.table(source).files(dates))
    published = lake.publications.published(source, dates)
    return {date: state.fingerprints for date, state in published.items()}


def ledger_inputs(lake: Lake, dates: Iterable[dt.date] | None) -> dict[dt.date, LedgerInputs]:
    """What the row ledger counts now, by date."""
    wanted = None if dates is None else sorted(set(dates))
    raw = raw_fingerprints(lake.table("raw_events").files(wanted))
    clean, fact = (
        {date: state.fingerprints for date, state in lake.publications.published(n, wanted).items()}
        for n in ("clean_events", "fact_user_events")
    )
    malformed = malformed_fingerprints(lake.table("rejected_events").files(wanted))
    return {
        date: LedgerInputs(
            raw=raw.get(date, {}),
            clean=clean.get(date, {}),
            fact=fact.get(date, {}),
            malformed=malformed.get(date),
            clean_target=derive(LOGIC_VERSIONS["clean_events"], raw.get(date, {})),
            fact_target=derive(LOGIC_VERSIONS["fact_user_events"], clean.get(date, {})),
        )
        for date in raw.keys() | clean.keys() | fact.keys() | malformed.keys()
    }


def _fingerprints_of_several(
    lake: Lake, inputs: Sequence[Input], dates: Iterable[dt.date] | None
) -> dict[dt.date, HourFingerprints]:
    """One fingerprint a date, from all that it is built from."""
    wanted = None if dates is None else list(dates)
    states = {}
    for each in inputs:
        earlier = None if wanted is None else [date - each.distance for date in wanted]
        found = lake.publications.published(each.table, earlier)
        states[each] = {date + each.distance: _content(state) for date, state in found.items()}
    return {
        date: {0: digest(f"{each} {known.get(date, '')}" for each, known in states.items())}
        for date in states[inputs[0]]
    }


def _content(state: PublishedDate) -> str:
    return combine({key: value for key, value in state.fingerprints.items() if key != EXAMINED})


def fingerprint_of_sessions(lake: Lake, last: dt.date) -> str:
    """The fingerprint of all that a look for sessions of several dates up to one looks at."""
    sessions = lake.publications.published(SESSION_DAYS.name)
    dates = sorted(date for date in sessions if date <= last)
    parts = [f"{date.isoformat()} {sessions[date].fingerprint}" for date in dates]
    parts += [f"held {date}" for date in sorted(filter(None, lake.holds.of(MULTIDAY)))]
    return digest([LOGIC_VERSIONS[MULTIDAY], *parts])


def _stale_multiday(
    lake: Lake, dates: Iterable[dt.date] | None, *, rebuild: bool
) -> dict[dt.date, StaleDate]:
    """The newest date, if the sessions of any date changed since all were looked at.

    Whatever dates are asked for: sessions of one date may have begun on any other. To be rebuilt
    are those that are asked for, too.
    """
    sessions = lake.publications.published(SESSION_DAYS.name)
    if not sessions:
        return {}
    newest = max(sessions)
    target = {EXAMINED: fingerprint_of_sessions(lake, newest)}
    known = lake.publications.published(MULTIDAY)
    examined = known[newest].fingerprints.get(EXAMINED) if newest in known else None
    if not rebuild:
        is_stale = examined != target[EXAMINED]
        return {newest: StaleDate(newest, None, target)} if is_stale else {}
    wanted = known if dates is None else known.keys() & set(dates)
    return {date: StaleDate(date, None, target) for date in sorted({newest, *wanted})}


def stale_dates(
    lake: Lake,
    table_name: str,
    dates: Iterable[dt.date] | None,
    now: dt.datetime,
    *,
    rebuild: bool = False,
) -> dict[dt.date, StaleDate]:
    """The dates of a table that must be rebuilt, and which hours of them.

    Dates that were put back by hand are not among them until they are released.

    Args:
        lake: the lake.
        table_name: the table.
        dates: look only at these; None for all. Sessions of several dates are always looked for
            on all dates, and stale on the newest.
        now: decides which dates are open.
        rebuild: take every date for stale, whatever was published.
    """
    held = lake.holds.of(table_name)
    found = differing_dates(lake, table_name, dates, now, rebuild=rebuild)
    return {date: slice_ for date, slice_ in found.items() if date not in held}


def differing_dates(
    lake: Lake,
    table_name: str,
    dates: Iterable[dt.date] | None,
    now: dt.datetime,
    *,
    rebuild: bool = False,
) -> dict[dt.date, StaleDate]:
    """As `stale_dates`, with those that are held."""
    if table_name == MULTIDAY:
        return _stale_multiday(lake, dates, rebuild=rebuild)
    wanted = None if dates is None else sorted(set(dates))
    inputs = input_fingerprints(lake, table_name, wanted)
    published = lake.publications.published(table_name, wanted)
    stale: dict[dt.date, StaleDate] = {}
    for date in sorted(inputs.keys() | published.keys()):
        if table_name in DAILY_TABLES and not has_ended(date, now):
            continue
        state = published.get(date)
        by_hour = _by_hour(table_name, date, state, now)
        target = derive(_logic(lake, table_name), inputs.get(date, {}))
        known = state.fingerprints if state else {}
        if rebuild:  # also the hours whose rows must go
            known = dict.fromkeys(known.keys() | target.keys(), "")
        found = find_stale(date, target, known, by_hour=by_hour)
        if found:
            stale[date] = found
    return stale


def _logic(lake: Lake, table_name: str) -> str:
    """The version of a table's logic, and the settings that change what it builds."""
    percent = lake.settings.profile_sample_percent
    sampled = table_name == VALUE_DAYS.name and percent
    return LOGIC_VERSIONS[table_name] + (f" sample {percent}" if sampled else "")


def _by_hour(
    table_name: str, event_date: dt.date, state: PublishedDate | None, now: dt.datetime
) -> bool:
    """Whether single hours of a date can be rebuilt: they lie in files of their own.

    The row ledger's are so few that a date is one file; only the stale ones are counted anew.
    """
    if table_name == "row_ledger":
        return True
    if table_name in DAILY_TABLES or (state and state.is_whole):
        return False
    return is_open(event_date, now)
