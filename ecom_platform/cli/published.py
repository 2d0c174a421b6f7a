"""What some runs published, as tables for a terminal.

Belongs here: showing what a command's runs did. Not here: running, the state of the whole lake.
"""

from collections.abc import Collection, Sequence

from rich.markup import escape
from rich.table import Table

from ecom_platform.cli.terminal import OUT
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.objects import ObjectOutcome
from ecom_platform.partitions import to_key
from ecom_platform.pipeline.ledger.verdict import judge_ledger
from ecom_platform.pipeline.whole_tables import WHOLE_STEPS

_DATES_SHOWN = 62


def print_published(lake: Lake, run_ids: Collection[str], refused: Sequence[ObjectOutcome]) -> None:
    """Show what runs published, and the objects they refused.

    Args:
        lake: the lake.
        run_ids: the runs.
        refused: objects that they were the first to refuse.
    """
    fact = lake.publications.published(FACT_USER_EVENTS.name)
    states = {name: lake.publications.published_whole(name) for name in WHOLE_STEPS}
    dates = [date for date, state in sorted(fact.items()) if state.run_id in run_ids]
    rebuilt = {name: state for name, state in states.items() if state and state.run_id in run_ids}
    if not dates and not rebuilt:
        OUT.print("Nothing was stale: every published date matches what lies in landing.")
    if dates:
        clean = lake.publications.published(CLEAN_EVENTS.name)
        rows = [
            (
                *(clean[date].measures.get(n, 0) for n in ("rows_in", "duplicates", "rejected")),
                fact[date].row_count,
            )
            for date in dates
        ]
        _print_dates([to_key(date) for date in dates], rows)
    for name, state in rebuilt.items():
        OUT.print(f"{name}: {state.row_count:,} rows as of {state.event_date}", highlight=False)
    for outcome in refused:
        OUT.print(
            f"[yellow]refused whole:[/] {escape(outcome.source_object)}: "
            f"{escape(str(outcome.detail))} ({outcome.reason})",
            highlight=False,
            soft_wrap=True,
        )


def print_verdict(lake: Lake) -> None:
    """Show in one line whether the row ledger accounts for every line that was read."""
    verdict = judge_ledger(lake)
    if verdict:
        style = "green" if verdict.is_complete else "yellow"
        OUT.print(f"[{style}]Row ledger:[/] {verdict}", highlight=False, soft_wrap=True)


def _print_dates(keys: Sequence[str], rows: Sequence[tuple[int, ...]]) -> None:
    table = Table(title="Published", title_justify="left")
    table.add_column("event_date")
    for name in ("raw_events", "duplicates", "rejected", "fact_user_events"):
        table.add_column(name, justify="right")
    for key, counts in list(zip(keys, rows, strict=True))[:_DATES_SHOWN]:
        table.add_row(key, *(f"{count:,}" for count in counts))
    table.add_section()
    totals = [sum(column) for column in zip(*rows, strict=True)]
    table.add_row(f"{len(keys):,} dates", *(f"{total:,}" for total in totals))
    OUT.print(table)
