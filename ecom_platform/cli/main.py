"""The command `ecom`: one group of commands over one lake.

Belongs here: registering commands and turning faults into exit codes. Not here: any command.
"""

import sys
from typing import Annotated

import typer

from ecom_platform.cli.dashboard import dashboard_command
from ecom_platform.cli.demo import demo_command
from ecom_platform.cli.docs import docs_command
from ecom_platform.cli.doctor import doctor_command
from ecom_platform.cli.generate import generate_command
from ecom_platform.cli.history import history_command
from ecom_platform.cli.maintain import maintain_command
from ecom_platform.cli.oltp import oltp_app
from ecom_platform.cli.rollback import release_command, rollback_command
from ecom_platform.cli.run import run_command
from ecom_platform.cli.s3 import s3_commands
from ecom_platform.cli.sql import sql_command
from ecom_platform.cli.status import status_command
from ecom_platform.cli.terminal import fail
from ecom_platform.cli.trace import trace_command
from ecom_platform.errors import EcomError
from ecom_platform.s3.faults import explain
from ecom_platform.settings import load_settings

app = typer.Typer(
    name="ecom",
    help="From landing files of shop events to audited, published tables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def choose_lake(
    context: typer.Context,
    lake: Annotated[
        str | None,
        typer.Option(help="Folder of the lake, or s3://. [default: ECOM_LAKE, else ./lake]"),
    ] = None,
) -> None:
    """Read the settings once, for whichever command follows."""
    context.obj = load_settings(**({"lake": lake} if lake else {}))


app.command("demo")(demo_command)
app.command("generate")(generate_command)
app.command("run")(run_command)
app.command("status")(status_command)
app.command("sql")(sql_command)
app.command("dashboard")(dashboard_command)
app.command("trace")(trace_command)
app.command("history")(history_command)
app.command("rollback")(rollback_command)
app.command("release")(release_command)
app.command("maintain")(maintain_command)
app.command("doctor")(doctor_command)
app.command("docs")(docs_command)
app.add_typer(oltp_app, name="oltp")
app.add_typer(s3_commands, name="s3")


def main() -> None:
    """Run `ecom`. Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 130 interrupted."""
    try:
        app()
    except EcomError as fault:
        sys.exit(fail(fault))
    except Exception as fault:
        # Faults of the object store come from whichever client met them.
        if told := explain(fault, "S3"):
            sys.exit(fail(told))
        raise


if __name__ == "__main__":
    main()
