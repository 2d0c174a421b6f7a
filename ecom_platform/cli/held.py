"""What was put back by hand and is not rebuilt, in lines for a terminal.

Belongs here: how holds are shown. Not here: putting back or releasing.
"""

from collections.abc import Iterable

from rich.markup import escape

from ecom_platform.cli.terminal import OUT
from ecom_platform.cli.values import visible
from ecom_platform.lake.holds import Hold


def print_held(held: Iterable[Hold]) -> None:
    """Say what is held, why, and how it ends."""
    for hold in held:
        message = escape(visible(hold.message))
        OUT.print(f"[yellow]Held:[/] {message}", highlight=False, soft_wrap=True)
