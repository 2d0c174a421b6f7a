"""`ecom generate`: options arrive, the report is shown and saved, a mistake is one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ecom_platform.cli.generate import generate_command

app = typer.Typer()
app.command("generate")(generate_command)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_one_hour_of_a_month_is_one_file(tmp_path: Path) -> None:
    result = run(
        *("--month", "2020-04", "--date", "2020-04-03", "--hour", "13"),
        *("--rows", "90000", "--plain", "--out", tmp_path),
    )
    assert result.exit_code == 0, result.output
    (file,) = tmp_path.iterdir()
    assert file.name == "events_2020-04-03T13.csv"
    # An afternoon hour has a 500th of a month.
    assert 100 < file.read_bytes().count(b"\n") < 300
    assert file.name in result.output


def test_the_report_is_shown_and_saved_with_all_that_was_injected(tmp_path: Path) -> None:
    result = run(
        *("--from", "2020-04-20", "--to", "2020-04-21", "--rows", "8000", "--split", "day"),
        *("--malformed", "15", "--lose", "purchase:2020-04-20", "--late", "2020-04-21:0.1"),
        *("--repeat", "events_2020-04-20.csv.gz", "--truncate", "2020-04-21"),
        *("--out", tmp_path / "out", "--report", tmp_path / "numbers" / "report.json"),
    )
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "numbers" / "report.json").read_text())
    assert {file["name"] for file in content["files"]} == {
        "events_2020-04-20.csv.gz",
        "events_2020-04-20_repeated.csv.gz",
        "events_2020-04-21.csv.gz",
        "events_2020-04-21_late.csv.gz",
        "events_2020-04-21_truncated.csv.gz",
    }
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        file["name"] for file in content["files"]
    }
    assert f"{content['total']['fact']:,}" in result.output
    assert "unclosed_quote" in result.output
    assert "purchase rows of 2020-04-20" in result.output


def test_a_date_alone_is_a_period_of_a_day_file(tmp_path: Path) -> None:
    assert run("--date", "2019-10-05", "--rows", "500", "--out", tmp_path).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["events_2019-10-05.csv.gz"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--month", "2020-13"], "--month '2020-13' is no month"),
        (["--rows", "0"], "rows is 0"),
        (["--hour", "3"], "--hour needs --date"),
        (["--date", "2020-04-01", "--hour", "24"], "use 0 to 23"),
        (["--date", "yesterday"], "--date 'yesterday' is no date"),
        (["--late", "2020-04-01"], "2020-04-10:0.05"),
        (["--lose", "sale:2020-04-01"], "'sale' is not generated"),
        (["--repeat", "[bold]"], "cannot repeat [bold]"),
        (["--demo", "--rows", "5"], "--demo cannot be combined with --rows"),
        (["--demo", "--plain"], "--demo cannot be combined with --plain"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    result = run(*arguments, "--out", tmp_path)
    assert result.exit_code == 2
    assert message in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_an_unwritable_folder_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = run("--rows", "10", "--out", tmp_path / "file")
    assert result.exit_code == 2
    assert "choose another folder" in result.output


def test_an_unwritable_report_is_found_before_the_work(tmp_path: Path) -> None:
    result = run("--rows", "10", "--out", tmp_path / "out", "--report", tmp_path)
    assert result.exit_code == 2
    assert "--report" in result.output
    assert not (tmp_path / "out").exists()
