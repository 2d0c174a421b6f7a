"""`ecom demo`: a month of generated events with every fault, taken through the whole main job.

Belongs here: generating, running, and holding what was found against what was injected.
Not here: generating events, running jobs.
"""

import shutil
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import typer
from rich.table import Table

from ecom_platform.cli.page import print_page
from ecom_platform.cli.progress import show_progress
from ecom_platform.cli.published import print_published, print_verdict
from ecom_platform.cli.run import bring_up_to_date
from ecom_platform.cli.terminal import EXIT_FAILED, OUT, print_failures
from ecom_platform.contracts.reasons import EVENT_REASONS, LINE_REASONS
from ecom_platform.contracts.row_ledger import malformed_column, rejected_column
from ecom_platform.generator.demo import demo_plan
from ecom_platform.generator.report import GenerationReport
from ecom_platform.generator.run import generate
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.filling import landing_folder
from ecom_platform.landing.stores import open_landing
from ecom_platform.pipeline.ledger.verdict import judge_ledger
from ecom_platform.settings import Settings


def demo_command(context: typer.Context) -> None:
    """Generate April 2020 with every fault, publish it, and account for every row."""
    settings: Settings = context.obj
    what = f"generate {settings.landing_name}/events"
    with show_progress() as bars, landing_folder(settings) as folder:
        injected = generate(
            demo_plan(), folder, lambda done, total: bars(what, done, total, "rows")
        )
    summary = bring_up_to_date(settings)
    lake = Lake(settings)
    print_published(lake, summary.run_ids, summary.refused)
    print_failures(summary.failures)
    agrees = not summary.failures and _account_for_every_row(lake, injected)
    print_verdict(lake)
    print_page(lake)
    _print_where_to_look(settings)
    if not agrees:
        raise typer.Exit(EXIT_FAILED)


def _account_for_every_row(lake: Lake, injected: GenerationReport) -> bool:
    """Show what was injected beside what the lake found; whether they agree to the row."""
    names = {f"events/{file.name}" for file in injected.files}
    others = {found.key for found in open_landing(lake.settings).list()} - names
    if others:
        OUT.print(
            f"landing/events holds {len(others)} further objects, so the numbers of the demo "
            "are not compared; run it in an empty lake: ecom --lake ./demo-lake demo"
        )
        return True
    expected, found = _expected(injected), _found(lake)
    table = Table(title="Every row has a fate", title_justify="left")
    table.add_column("fate")
    table.add_column("injected", justify="right")
    table.add_column("found", justify="right")
    table.add_column("")
    for name in {**expected, **found}:
        counts = expected.get(name, 0), found.get(name, 0)
        mark = "[green]agrees[/]" if counts[0] == counts[1] else "[bold red]differs[/]"
        table.add_row(name, *(f"{count:,}" for count in counts), mark)
    OUT.print(table)
    return expected == found


def _expected(injected: GenerationReport) -> dict[str, int]:
    return {
        "lines read": injected.lines,
        **_prefixed("malformed", injected.rejected("raw")),
        "raw_events": injected.raw,
        "duplicates": injected.duplicates,
        **_prefixed("rejected", injected.rejected("clean")),
        "fact_user_events": injected.fact,
        "objects refused whole": sum(file.kind == "truncated" for file in injected.files),
    }


def _found(lake: Lake) -> dict[str, int]:
    """What the row ledger says: counted from the stored tables, not reported by their steps."""
    verdict = judge_ledger(lake)
    counts = verdict.counts if verdict else Counter[str]()
    malformed = {reason: counts[malformed_column(reason)] for reason in LINE_REASONS}
    rejected = {reason: counts[rejected_column(reason)] for reason in EVENT_REASONS}
    outcomes = lake.objects.current().values()
    return {
        "lines read": counts["line_count"],
        **_prefixed("malformed", {reason: n for reason, n in malformed.items() if n}),
        "raw_events": counts["raw_count"],
        "duplicates": counts["duplicate_count"],
        **_prefixed("rejected", {reason: n for reason, n in rejected.items() if n}),
        "fact_user_events": counts["fact_count"],
        "objects refused whole": sum(outcome.status == "refused" for outcome in outcomes),
    }


def _prefixed(prefix: str, counts: Mapping[str, int]) -> dict[str, int]:
    return {f"{prefix}: {reason}": counts[reason] for reason in sorted(counts)}


_WHERE_TO_LOOK = {
    "status": "what is published, rejected and stale",
    "dashboard --open": "what the marts say, in the browser",
    "trace events/2020-Apr.csv.gz --row 14307": "what became of a line",
    'sql "SELECT event_type, count(*), sum(price) FROM fact_user_events GROUP BY 1"': "",
    'sql "SELECT reason, detail, line FROM rejected_events LIMIT 10"': "",
}


def _print_where_to_look(settings: Settings) -> None:
    ecom = _name_of_this_command()
    in_bucket = settings.s3 is not None and settings.s3.is_local
    OUT.print("\n[bold]Where to look[/]")
    if in_bucket:
        # A shell that was not told of the bucket would find an empty lake in the folder.
        _print_command(f'eval "$({ecom} s3 up)"', "first, in a shell: where the bucket is")
    for arguments, words in _WHERE_TO_LOOK.items():
        _print_command(f"{ecom} {arguments}", words)
    _print_command(settings.lake_name, "the lake")
    OUT.print("[bold]Open the UI[/]")
    make = "make dev S3=1" if in_bucket else "make dev"
    _print_command(make, "then http://127.0.0.1:3000 (assets, partitions, checks)")


def _print_command(command: str, words: str) -> None:
    line = f"  {command:<46}  {words}".rstrip()
    OUT.print(line, markup=False, highlight=False, soft_wrap=True)


def _name_of_this_command() -> str:
    """What to type for `ecom`: the way it was called, where the shell would not find it."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "ecom" and not shutil.which("ecom") else "ecom"
