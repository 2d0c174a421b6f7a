"""`ecom s3`: an S3 server on this machine, to try a lake in a bucket without an account.

Belongs here: starting, showing and stopping it. Not here: how it is started.
"""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ecom_platform.cli.terminal import ERR, EXIT_FAILED, OUT
from ecom_platform.s3 import server
from ecom_platform.s3.server import RunningServer
from ecom_platform.settings import Settings

_BUCKET = "lake"

s3_commands = typer.Typer(
    help="An S3 server on this machine alone (SeaweedFS), for trying and for tests.",
    no_args_is_help=True,
)

_Bucket = Annotated[str, typer.Option(help="The bucket to make.")]


@s3_commands.command("up")
def up(context: typer.Context, bucket: _Bucket = _BUCKET) -> None:
    """Start the server, and print the variables that lead to it: eval "$(ecom s3 up)"."""
    running = server.start(_folder(context))
    running.make_bucket(bucket)
    _say(f"S3 answers at {running.endpoint}, on this machine alone; `ecom s3 down` stops it.")
    _say('Its variables, for a shell: eval "$(ecom s3 up)"')
    for name, value in _variables(running, bucket).items():
        OUT.print(
            f"export {name}={shlex.quote(value)}", markup=False, highlight=False, soft_wrap=True
        )


@s3_commands.command("down")
def down(context: typer.Context) -> None:
    """Stop the server; its objects stay for the next time."""
    _say("Stopped." if server.stop(_folder(context)) else "It does not run.")


@s3_commands.command("status")
def status(context: typer.Context) -> None:
    """Say whether the server runs, where it answers and where its objects lie."""
    folder = _folder(context)
    running = server.find(folder)
    if running is None:
        _say(f"It does not run. Its objects lie in {folder}; `ecom s3 up` starts it.")
        raise typer.Exit(EXIT_FAILED)
    _say(f"S3 answers at {running.endpoint}; its objects lie in {folder}.")


def _folder(context: typer.Context) -> Path:
    settings: Settings = context.obj
    return Path(settings.state).expanduser().resolve() / "s3-server"


def _variables(running: RunningServer, bucket: str) -> dict[str, str]:
    return {"ECOM_LAKE": f"s3://{bucket}/demo", **running.environment()}


def _say(text: str) -> None:
    ERR.print(escape(text), highlight=False, soft_wrap=True)
