"""`ecom rollback` and `ecom release`: put dates of a table back, and let runs have them again.

Belongs here: options, asking, what was done in words. Not here: how it is done.
"""

import datetime as dt
import getpass
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecom_platform.cli.held import named_dates, print_held
from ecom_platform.cli.history import parse_date
from ecom_platform.cli.results import print_table
from ecom_platform.cli.terminal import OUT
from ecom_platform.errors import CannotRollBack, SettingsError
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.rollback import release, roll_back
from ecom_platform.pipeline.rollback_plan import RollbackPlan, plan_rollback
from ecom_platform.settings import Settings

_TABLE = Annotated[str, typer.Argument(help="The table, e.g. clean_events.")]
_DATE = Annotated[str | None, typer.Option("--date", help="Only this event date.")]
_FROM = Annotated[str | None, typer.Option("--from", help="Only from this event date on.")]
_LAST = Annotated[
    str | None, typer.Option("--to-date", help="Last event date. [default: that of --from]")
]
_TO = Annotated[
    str, typer.Option("--to", help="A version of `ecom history`, or a time: 2020-04-01T12:00Z.")
]


def rollback_command(
    context: typer.Context,
    table: _TABLE,
    to: _TO,
    date: _DATE = None,
    first: _FROM = None,
    last: _LAST = None,
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a table, or dates of it, back to an older version, and hold them there.

    What is built from them follows in the next run. The dates themselves are not rebuilt until
    `ecom release`. Rolling back to the version before undoes it.
    """
    settings: Settings = context.obj
    lake = Lake(settings)
    target, dates = _target(to), chosen_dates(date, first, last)
    plan = plan_rollback(lake, table, target, dates)
    if not plan.changes:
        OUT.print(f"{escape(table)} is as it was then: there is nothing to put back.")
        print_held(lake.holds.of(table).values())
        return
    print_table(_shown(plan))
    if not yes:
        typer.confirm("Put these dates back?", abort=True)
        # The person may have thought for long: what is agreed on must still be what is done.
        again = plan_rollback(lake, table, target, dates)
        if _numbers(again) != _numbers(plan):
            raise CannotRollBack(f"{table} changed while you thought about it; look again")
        plan = again
    snapshot = roll_back(lake, plan, _user(), reason)
    held = [date for date in lake.holds.of(table) if date in {c.event_date for c in plan.changes}]
    OUT.print(
        f"{escape(table)} is put back as version {snapshot.snapshot_id}. `ecom run` brings what is "
        "built from it up to date",
        highlight=False,
        soft_wrap=True,
    )
    if held:
        OUT.print(
            f"Held until `ecom release {escape(table)}`: {named_dates(held)}",
            highlight=False,
            soft_wrap=True,
        )


def release_command(
    context: typer.Context,
    table: _TABLE,
    date: _DATE = None,
    first: _FROM = None,
    last: _LAST = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is held of it.")] = False,
) -> None:
    """Let runs rebuild dates again that were put back."""
    dates = chosen_dates(date, first, last)
    if everything == (dates is not None):
        raise SettingsError("say which dates are released: --date, --from and --to-date, or --all")
    ended = release(Lake(context.obj), table, dates)
    OUT.print(
        f"Released of {escape(table)}: {named_dates(hold.event_date for hold in ended)}. "
        "`ecom run` rebuilds what is stale",
        highlight=False,
        soft_wrap=True,
    )


def chosen_dates(date: str | None, first: str | None, last: str | None) -> list[dt.date] | None:
    """The dates that options name; None for all.

    Raises:
        SettingsError: they name none, or contradict each other.
    """
    if date and (first or last):
        raise SettingsError("name one date with --date, or several with --from and --to-date")
    if last and not first:
        raise SettingsError("--to-date needs --from: name the first date too")
    if not date and not first:
        return None
    begin = parse_date(date or first or "")
    end = parse_date(last) if last else begin
    if begin > end:
        raise SettingsError(f"--from {begin} lies after --to-date {end}")
    return [begin + dt.timedelta(days=n) for n in range((end - begin).days + 1)]


def _target(to: str) -> int | dt.datetime:
    if to.isdecimal():
        return int(to)
    try:
        moment = dt.datetime.fromisoformat(to)
    except ValueError:
        raise SettingsError(
            f"--to {to!r} is neither a version nor a time; write times like 2020-04-01T12:00Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _shown(plan: RollbackPlan) -> Table:
    title = f"{plan.version.contract.name} back to version {plan.snapshot.snapshot_id}"
    shown = Table(title=title, title_justify="left")
    shown.add_column("event_date")
    for name in ("rows now", "rows then"):
        shown.add_column(name, justify="right")
    for change in plan.changes:
        date = str(change.event_date or "the whole table")
        shown.add_row(date, f"{change.rows_now:,}", f"{change.rows_then:,}")
    return shown


def _numbers(plan: RollbackPlan) -> list[tuple[dt.date | None, int, int]]:
    return [(change.event_date, change.rows_now, change.rows_then) for change in plan.changes]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return "unknown"
