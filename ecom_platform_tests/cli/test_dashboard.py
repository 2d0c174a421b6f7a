"""`ecom dashboard`: a page where one wants it, and what is said of it."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.dashboard_in_small import day, publish_facts

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform.lake.lake import Lake
    from ecom_platform_tests.cli.conftest import Ecom


@pytest.fixture(autouse=True)
def _no_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_page_is_written_where_it_is_wanted(ecom: Ecom, lake: Lake, tmp_path: Path) -> None:
    publish_facts(lake, 5, lost_on=4)
    ended = ecom("dashboard", "--out", str(tmp_path / "a" / "b"))
    assert ended.code == 0
    page = tmp_path / "a" / "b" / "index.html"
    assert ended.out.startswith(f"{page}: ")
    assert "5 days" in ended.out
    assert f"incomplete: {day(4)}: 2 purchase events where about 400 are usual" in ended.err
    assert "not published yet: mart_funnel" in ended.err
    assert [path.name for path in page.parent.iterdir()] == ["index.html"]


def test_without_a_folder_it_lies_beside_the_tables(ecom: Ecom, lake: Lake) -> None:
    ended = ecom("dashboard")
    assert (ended.code, ended.err) == (0, "")
    assert "nothing is published yet" in ended.out
    assert (lake.settings.lake_path / "dashboard" / "index.html").is_file()
    assert not (lake.settings.lake_path / "catalog.db").exists()


def test_it_is_opened_on_request(
    ecom: Ecom, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda uri: bool(opened.append(uri)))
    ended = ecom("dashboard", "--out", str(tmp_path / "page"), "--open")
    assert opened == [(tmp_path / "page" / "index.html").as_uri()]
    assert (ended.code, ended.err.splitlines()[0][:20]) == (0, "no browser was found")


def test_a_file_is_no_folder(ecom: Ecom, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = ecom("dashboard", "--out", str(tmp_path / "file"))
    assert (ended.code, ended.out) == (2, "")
    assert "is a file; name a folder" in ended.err
