"""The checks of the fact.

Belongs here: what the fact promises, and what of it a person should look at. Not here: partials
and dimensions.
"""

import datetime as dt
from collections.abc import Mapping
from statistics import median

import dagster as dg

from ecom_platform.checks.counted import left_until_the_end, waits_for_the_end
from ecom_platform.checks.model.orphans import ORPHAN_CHECKS, judge_orphans
from ecom_platform.checks.stored import build_checks, contract_checks, judge_stored
from ecom_platform.contracts.clean import CLEAN_EVENTS, EVENT_TYPES
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.lake.publications import PublishedDate
from ecom_platform.lake.slices import is_open
from ecom_platform.pipeline.stored import DAYS_BEFORE, StoredTables
from ecom_platform.transforms.relations import count_shared_sessions, count_steps_out_of_order

# Shares beyond which a person should look. In the published October 2019 data 0.004 % of
# session ids have two users, and about a third of the purchases have no cart in their session.
MOST_SHARED_SESSIONS = 0.001
MOST_PURCHASED_WITHOUT_CART = 0.5
MOST_CARTED_WITHOUT_VIEW = 0.5

# An event type is lost when its share of a date's events falls below a quarter of its usual one.
# On 2020-04-20 the real data set lost nearly all purchases while its volume looked normal.
LOST_BELOW = 0.25
LEAST_DAYS_OF_HISTORY = 3
LEAST_USUAL_ROWS = 20

RELATIONS = ("one_user_per_session", "cart_before_purchase", "view_before_cart")
WARNINGS = (
    "minimum_rows",
    "newest_closed_hour_is_present",
    "no_event_type_is_lost",
    *RELATIONS,
    *ORPHAN_CHECKS,
)


def evaluate_fact_user_events(stored: StoredTables, event_date: dt.date) -> list[Finding]:
    """Judge a stored date of fact_user_events."""
    now = dt.datetime.now(tz=dt.UTC)
    name = FACT_USER_EVENTS.name
    judged = judge_stored(stored, name, event_date)
    if judged.counts is None:
        return judged.findings
    rows = judged.counts["row_count"]
    clean_rows = stored.row_count(CLEAN_EVENTS.name, event_date)
    bounds = [file.bounds("event_time")[1] for file in stored.files(name, event_date)]
    newest = max((time for time in bounds if time), default=None)
    least = stored.work.lake.settings.minimum_rows
    return [
        *judged.findings,
        judge_equation(Equation(CLEAN_EVENTS.name, clean_rows, {name: rows})),
        judge_minimum_rows(rows, least, is_open(event_date, now)),
        judge_newest_hour(event_date, newest, now),
        judge_event_types(event_date, judged.counts, stored.published(name)),
        *judge_relations(stored, event_date),
        *judge_orphans(stored, event_date),
    ]


def judge_minimum_rows(rows: int, minimum: int, date_is_open: bool) -> Finding:
    """A closed date has the least number of rows that a normal day has."""
    numbers = {"row_count": rows, "minimum": minimum, "judged": int(not date_is_open)}
    if date_is_open:
        return Finding("minimum_rows", True, numbers, "the date is open: not judged", False)
    message = (
        "" if rows >= minimum else f"{rows:,} rows, fewer than {minimum:,} (ECOM_MINIMUM_ROWS)"
    )
    return Finding("minimum_rows", rows >= minimum, numbers, message, blocking=False)


def judge_newest_hour(event_date: dt.date, newest: dt.datetime | None, now: dt.datetime) -> Finding:
    """The newest hour of the date that has ended has events."""
    name = "newest_closed_hour_is_present"
    closed = 23 if event_date < now.date() else now.hour - 1
    if event_date > now.date() or closed < 0:
        return Finding(name, True, {"judged": 0}, "none of its hours has ended: not judged", False)
    present = -1 if newest is None else newest.hour
    numbers = {"newest_closed_hour": closed, "newest_hour_with_events": present, "judged": 1}
    message = "" if present >= closed else f"no event of hour {closed} or later"
    return Finding(name, present >= closed, numbers, message, blocking=False)


def judge_event_types(
    event_date: dt.date, counts: Mapping[str, int], history: Mapping[dt.date, PublishedDate]
) -> Finding:
    """No event type has all but vanished against the week before.

    Args:
        event_date: the date.
        counts: what its rows were counted to be.
        history: what was published of all dates; too few of the week before, and the date is
            not judged.
    """
    name = "no_event_type_is_lost"
    first = event_date - dt.timedelta(days=DAYS_BEFORE)
    before = [s for date, s in history.items() if first <= date < event_date and s.row_count]
    rows = counts["row_count"]
    if not rows or len(before) < LEAST_DAYS_OF_HISTORY:
        numbers = {"days_of_history": len(before), "judged": 0}
        reason = "too little history" if rows else "no rows"
        return Finding(name, True, numbers, f"{reason}: not judged", blocking=False)
    lost, numbers = [], {"days_of_history": len(before), "judged": 1}
    for event_type in EVENT_TYPES:
        measure = f"event_type_{event_type}"
        usual = median(state.measures.get(measure, 0) / state.row_count for state in before)
        count = counts[measure]
        numbers[measure] = count
        expected = usual * rows
        if expected >= LEAST_USUAL_ROWS and count < LOST_BELOW * expected:
            lost.append(f"{count:,} {event_type} events where about {expected:,.0f} are usual")
    return Finding(name, not lost, numbers, "; ".join(lost), blocking=False)


def judge_relations(stored: StoredTables, event_date: dt.date) -> list[Finding]:
    """How often events of a session do not follow from each other."""
    if waits_for_the_end(stored, FACT_USER_EVENTS.name, event_date):
        return [left_until_the_end(check, event_date) for check in RELATIONS]
    events = stored.rows(FACT_USER_EVENTS.name, event_date)
    sessions = count_shared_sessions(events).collect()[0]
    steps = count_steps_out_of_order(events).collect()[0]
    return [
        _judge_share(
            "one_user_per_session",
            sessions["shared_count"],
            sessions["session_count"],
            MOST_SHARED_SESSIONS,
            "session ids have several users",
        ),
        _judge_share(
            "cart_before_purchase",
            steps["purchased_without_cart"],
            steps["purchased"],
            MOST_PURCHASED_WITHOUT_CART,
            "products were bought in a session without a cart event before",
        ),
        _judge_share(
            "view_before_cart",
            steps["carted_without_view"],
            steps["carted"],
            MOST_CARTED_WITHOUT_VIEW,
            "products were put into a cart in a session without a view before",
        ),
    ]


def build_fact_checks(partitions: dg.PartitionsDefinition[str]) -> dg.AssetChecksDefinition:
    """Make the checks of fact_user_events."""
    return build_checks(
        FACT_USER_EVENTS.name,
        [*contract_checks(FACT_USER_EVENTS), "row_count_reconciles"],
        WARNINGS,
        partitions,
        evaluate_fact_user_events,
        additional_deps=[CLEAN_EVENTS.name],
    )


def _judge_share(check: str, count: int, of: int, most: float, meaning: str) -> Finding:
    share = count / of if of else 0.0
    numbers = {"count": count, "of": of, "share": round(share, 6), "most": most}
    message = f"{count:,} of {of:,} {meaning}: {share:.2%}, more than {most:.2%}"
    return Finding(check, share <= most, numbers, message if share > most else "", blocking=False)
