"""`ecom docs`: the data dictionary and the metrics of the repository, written or compared.

Belongs here: options, and what is said when the page is stale. Not here: the pages.
"""

from pathlib import Path
from typing import Annotated

import dagster as dg
import typer

from ecom_platform.cli.data_dictionary import (
    DescribedCheck,
    missing_words,
    render_data_dictionary,
)
from ecom_platform.cli.metrics_page import render_metrics
from ecom_platform.cli.terminal import OUT
from ecom_platform.contracts import TABLES
from ecom_platform.contracts.metrics import METRICS
from ecom_platform.errors import EcomError
from ecom_platform.settings import Settings

REMEDY = "make docs"
METRICS_PAGE = "metrics.md"

_Out = Annotated[Path, typer.Option(help="The dictionary; metrics.md lies beside it.")]
_Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; fail when the page is not up to date.")
]


class DocsFailed(EcomError):
    """The data dictionary cannot be written, or is not what it should be."""


def docs_command(
    context: typer.Context,
    out: _Out = Path("docs/data_dictionary.md"),
    check: _Check = False,
) -> None:
    """Write the data dictionary and the page of metrics, from the contracts and the checks.

    For who works on the platform, from the repository's root.
    """
    page = data_dictionary(context.obj)
    if not out.parent.is_dir():
        raise DocsFailed(f"{out.parent} is no folder; run this from the repository's root")
    _write(out, page, f"{len(TABLES)} tables", check=check)
    metrics = render_metrics(METRICS.values())
    _write(out.with_name(METRICS_PAGE), metrics, f"{len(METRICS)} metrics", check=check)


def _write(out: Path, page: str, holds: str, *, check: bool) -> None:
    is_current = out.is_file() and out.read_text(encoding="utf-8") == page
    if check and not is_current:
        raise DocsFailed(f"{out} is not what the contracts say; run `{REMEDY}` and commit it")
    if not is_current:
        out.write_text(page, encoding="utf-8")
    said = f"{out}: {'up to date' if is_current else 'written'}, {holds}"
    OUT.print(said, markup=False, highlight=False, soft_wrap=True)


def data_dictionary(settings: Settings) -> str:
    """The page as it should be.

    Raises:
        DocsFailed: a table, a column or a check has no words.
    """
    # Here, and not above: it takes a second, and `ecom --help` needs none of it.
    from ecom_platform.definitions import build_defs

    checks = described_checks(build_defs(settings))
    problems = missing_words(TABLES.values(), checks)
    if problems:
        raise DocsFailed("\n".join(problems))
    return render_data_dictionary(TABLES.values(), checks)


def described_checks(defs: dg.Definitions) -> dict[str, list[DescribedCheck]]:
    """The checks of the platform, by table."""
    by_table: dict[str, list[DescribedCheck]] = {}
    for checks in defs.asset_checks or ():
        for spec in checks.check_specs:
            described = DescribedCheck(spec.name, spec.description or "", spec.blocking)
            by_table.setdefault(spec.asset_key.to_user_string(), []).append(described)
    return by_table
