"""`ecom oltp`: the shop's own database, for development: one command a step.

Belongs here: options, and what is said. Not here: what is done (oltp/).
"""

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.table import Table

from ecom_platform.cli.demo_cdc import demo_cdc_command
from ecom_platform.cli.progress import show_progress
from ecom_platform.cli.reconcile import reconcile_command
from ecom_platform.cli.replicate import replicate_command
from ecom_platform.cli.terminal import OUT
from ecom_platform.errors import SettingsError
from ecom_platform.generator import GeneratorConfig, GeneratorError
from ecom_platform.generator.options import period
from ecom_platform.oltp.connection import connect, database_url, embedded_server
from ecom_platform.oltp.load import load_generated
from ecom_platform.oltp.migrate import migrate
from ecom_platform.oltp.simulate import simulate
from ecom_platform.settings import Settings

oltp_app = typer.Typer(
    name="oltp",
    help="The shop's own database, for development: PostgreSQL, its events, its changes.",
    no_args_is_help=True,
)


@oltp_app.command("up")
def up_command(context: typer.Context) -> None:
    """Start the embedded PostgreSQL, and bring the shop's schema up to date.

    With ECOM_OLTP_URL only the schema is brought up to date, in the database that it names.
    """
    settings: Settings = context.obj
    server = embedded_server(settings)
    if server:
        server.start()
    url = database_url(settings)
    migrate(url)
    with connect(url) as connection:
        info = connection.info
        OUT.print(
            f"PostgreSQL {info.server_version // 10000} with the shop's schema: "
            f"{info.host}:{info.port}/{info.dbname}, user {info.user}",
            highlight=False,
        )
    if server:
        OUT.print(f"Its password lies in {settings.oltp_path / 'server.json'}", soft_wrap=True)


@oltp_app.command("load")
def load_command(
    context: typer.Context,
    rows: Annotated[int, typer.Option(help="Rows of the whole period, about.")] = 33_333,
    month: Annotated[str | None, typer.Option(help="The period, a month.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First date of the period.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last date, inclusive.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another shop.")] = 42,
) -> None:
    """Generate events and load them in normal form: each distinct event once.

    Without a period: April 2020. Loading the same events again adds nothing.
    """
    settings: Settings = context.obj
    try:
        start, end = period(month, first, last, None)
        config = GeneratorConfig(start=start, end=end, rows=rows, seed=seed)
    except GeneratorError as fault:
        raise SettingsError(str(fault)) from None
    with show_progress() as bars:
        added = load_generated(
            database_url(settings),
            config,
            lambda done, total: bars("generate", done, total, "rows"),
        )
    _print_counts(f"Added from {added.pop('lines'):,} lines", "table", added)


@oltp_app.command("simulate")
def simulate_command(
    context: typer.Context,
    transactions: Annotated[int, typer.Option(min=1, help="How many.")] = 1000,
    rate: Annotated[
        float, typer.Option(min=0, help="Transactions a second; 0: as fast as they go.")
    ] = 20,
    seed: Annotated[int, typer.Option(help="Another seed makes other choices.")] = 1,
) -> None:
    """Let the shop live: visits, prices, renames, corrections, deletions."""
    happened = simulate(
        database_url(context.obj), transactions=transactions, seed=seed, rate=rate or None
    )
    _print_counts("Happened", "transaction", dict(happened.most_common()))


oltp_app.command("replicate")(replicate_command)
oltp_app.command("reconcile")(reconcile_command)
oltp_app.command("demo")(demo_cdc_command)


@oltp_app.command("down")
def down_command(context: typer.Context) -> None:
    """Stop the embedded PostgreSQL; its data stay."""
    server = embedded_server(context.obj)
    if server is None:
        OUT.print("ECOM_OLTP_URL names a server that is not ours to stop; it was left alone.")
    elif server.exists and server.stop():
        OUT.print(f"Stopped. Its data stay in {context.obj.oltp_path}", soft_wrap=True)
    else:
        OUT.print("It was not running.")


def _print_counts(title: str, what: str, counts: Mapping[str, int]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column(what)
    table.add_column("count", justify="right")
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    OUT.print(table)
