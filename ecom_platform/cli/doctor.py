"""`ecom doctor`: what is missing on this machine, and the remedy.

Belongs here: showing the verdicts. Not here: finding out (machine.py).
"""

from typing import Annotated

import typer
from rich.text import Text

from ecom_platform.cli.machine import Verdict, examine
from ecom_platform.cli.terminal import EXIT_FAILED, OUT

_STYLES = {"ok": "green", "warning": "yellow", "missing": "bold red"}
_STATE_WIDTH = max(map(len, _STYLES)) + 2
_SUBJECT_WIDTH = 19


def doctor_command(
    context: typer.Context,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not start the engine to see that it works.")
    ] = False,
) -> None:
    """Look for whatever the platform needs, and say how to get what is missing.

    Exit code 1 if something needed is missing; a warning is about something that not everybody
    uses.
    """
    missing = 0
    for verdict in examine(context.obj, quick=quick):
        _show(verdict)
        missing += verdict.state == "missing"
    if missing:
        OUT.print(f"[bold red]Missing: {missing}[/]; the platform does not work here without it.")
        raise typer.Exit(EXIT_FAILED)
    OUT.print("Everything that is needed is here.")


def _show(verdict: Verdict) -> None:
    line = Text(verdict.state.ljust(_STATE_WIDTH), style=_STYLES[verdict.state])
    line.append(verdict.subject.ljust(_SUBJECT_WIDTH), style="bold")
    line.append(verdict.detail, style="default")
    OUT.print(line, soft_wrap=True, highlight=False)
    if verdict.remedy:
        OUT.print(Text(f"{' ' * _STATE_WIDTH}→ {verdict.remedy}"), soft_wrap=True, highlight=False)
