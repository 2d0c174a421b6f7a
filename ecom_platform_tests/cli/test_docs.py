"""`ecom docs`: the page in the repository is what the contracts say, and a stale one is found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner, Result

from ecom_platform.cli import docs
from ecom_platform.cli.docs import DocsFailed, described_checks, docs_command
from ecom_platform.cli.metrics_page import render_metrics
from ecom_platform.contracts.metrics import METRICS
from ecom_platform.definitions import build_defs

if TYPE_CHECKING:
    from ecom_platform.settings import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "data_dictionary.md"

# definitions.py silences these for good reasons; pytest shows them again.
pytestmark = [
    pytest.mark.filterwarnings("ignore::dagster.BetaWarning"),
    pytest.mark.filterwarnings("ignore::dagster.PreviewWarning"),
]


@pytest.fixture
def run(settings: Settings):
    """Call `ecom docs` with the settings of this test."""
    app = typer.Typer()
    app.command()(docs_command)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], obj=settings)

    return invoke


def test_the_data_dictionary_is_what_the_contracts_and_checks_say(settings: Settings) -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == docs.data_dictionary(settings), f"stale: run `{docs.REMEDY}` and commit it"


def test_the_page_of_metrics_is_what_the_metrics_say() -> None:
    page = render_metrics(METRICS.values())
    written = (DOCS / docs.METRICS_PAGE).read_text(encoding="utf-8")
    assert written == page, f"stale: run `{docs.REMEDY}` and commit it"
    for name, metric in METRICS.items():
        assert f"| `{name}` | **{metric.label}.** {metric.definition} |" in page
        assert f"| `{metric.expression}` |" in page


def test_a_stale_page_of_metrics_fails_the_check(run, tmp_path: Path) -> None:
    run("--out", tmp_path / "page.md")
    metrics = tmp_path / docs.METRICS_PAGE
    metrics.write_text(metrics.read_text(encoding="utf-8") + "more", encoding="utf-8")
    result = run("--out", tmp_path / "page.md", "--check")
    assert "metrics.md is not what the contracts say" in str(result.exception)


def test_a_page_is_written_once_and_then_up_to_date(run, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    assert "written" in run("--out", page).output
    assert page.read_text(encoding="utf-8").startswith("# Data dictionary\n")
    before = page.stat().st_mtime_ns
    assert "up to date" in run("--out", page).output
    assert run("--out", page, "--check").exit_code == 0
    assert page.stat().st_mtime_ns == before


@pytest.mark.parametrize("change", ["another word", None])
def test_a_stale_page_and_a_missing_one_fail_the_check_and_name_the_remedy(
    run, tmp_path: Path, change: str | None
) -> None:
    page = tmp_path / "page.md"
    if change:
        run("--out", page)
        page.write_text(page.read_text(encoding="utf-8") + change, encoding="utf-8")
    result = run("--out", page, "--check")
    assert isinstance(result.exception, DocsFailed)
    assert "page.md" in str(result.exception)
    assert "`make docs`" in str(result.exception)
    assert not page.exists() or page.read_text(encoding="utf-8").endswith(str(change))


def test_a_column_without_words_stops_the_page(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = ["raw_events.brand has no description: write it in the contract's model"]
    monkeypatch.setattr(docs, "missing_words", lambda contracts, checks: missing)
    result = run("--out", tmp_path / "page.md")
    assert isinstance(result.exception, DocsFailed)
    assert str(result.exception) == missing[0]
    assert not (tmp_path / "page.md").exists()


def test_elsewhere_than_in_the_repository_it_says_where_to_go(run, tmp_path: Path) -> None:
    result = run("--out", tmp_path / "nowhere" / "page.md")
    assert "run this from the repository's root" in str(result.exception)


def test_checks_are_those_that_dagster_runs_with_their_severity(settings: Settings) -> None:
    checks = described_checks(build_defs(settings))
    severities = {check.name: check.blocking for check in checks["fact_user_events"]}
    assert severities["primary_key_is_unique"] is True
    assert severities["minimum_rows"] is False
    assert {"raw_events", "clean_events"} <= checks.keys()
    assert all(check.description.endswith(".") for of in checks.values() for check in of)
