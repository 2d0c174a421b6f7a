"""The terminal: how commands show tables, progress and faults.

Belongs here: what every command prints alike. Not here: what any one command says.
"""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from ecom_platform.errors import EcomError, SettingsError

# Results go to standard output, so that they can be piped; all else goes to standard error.
OUT = Console()
ERR = Console(stderr=True)

EXIT_FAILED = 1
EXIT_USAGE = 2


def print_failures(failures: Iterable[str]) -> None:
    """Show what went wrong, a line each."""
    for failure in failures:
        ERR.print(f"[bold red]failed:[/] {escape(failure)}", highlight=False, soft_wrap=True)


def fail(fault: EcomError) -> int:
    """Show a fault as one message and give the exit code for it."""
    ERR.print(f"[bold red]ecom:[/] {escape(str(fault))}", highlight=False, soft_wrap=True)
    return EXIT_USAGE if isinstance(fault, SettingsError) else EXIT_FAILED
