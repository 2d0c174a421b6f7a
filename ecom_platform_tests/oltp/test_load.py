"""Loading keeps every distinct event, once, and nothing of it is lost in the normal form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from ecom_platform.errors import OltpFailed
from ecom_platform.generator import generate
from ecom_platform.oltp.load import load_files, load_generated
from ecom_platform_tests.oltp.conftest import DAY, Ask
from ecom_platform_tests.oltp.living_shop import LINES

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = (
    "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
)
_LINE = "2020-04-01 10:00:00 UTC,view,1,2118786382981189011,a.b,acme,5.20,7,{}\n"
_ONE, _OTHER = "db62839d-67f7-40c2-806a-41e3a858efa7", "1a4e04ba-612b-4d6f-bf85-7e7641e466b9"


def test_nothing_of_an_event_is_lost_in_the_normal_form(
    shop: str, tmp_path: Path, ask: Ask
) -> None:
    generate(DAY, tmp_path)
    lines = duckdb.sql(
        f"SELECT DISTINCT * FROM read_csv('{tmp_path}/*.gz', header=true, all_varchar=true)"
    ).fetchall()
    assert len(lines) > 1000
    assert any(line[-1] is None for line in lines) or any(line[4] is None for line in lines)
    assert sorted(map(repr, ask(shop, LINES))) == sorted(map(repr, lines))


def test_loading_again_adds_nothing(shop: str) -> None:
    added = load_generated(shop, DAY)
    assert added.pop("lines") > 1000
    assert set(added.values()) == {0}


def test_an_event_that_is_written_twice_is_one_and_events_without_session_stay_apart(
    empty_shop: str, tmp_path: Path, ask: Ask
) -> None:
    path = tmp_path / "events.csv"
    path.write_text(_HEADER + 2 * _LINE.format(_ONE) + _LINE.format(_OTHER) + 2 * _LINE.format(""))
    added = load_files(empty_shop, [path, path])
    assert (added["lines"], added["events"], added["sessions"]) == (10, 3, 2)
    assert ask(empty_shop, "SELECT count(*) FROM shop.events WHERE session_id IS NULL") == [(1,)]


def test_a_line_that_is_no_event_loads_nothing_and_is_named(
    empty_shop: str, tmp_path: Path, ask: Ask
) -> None:
    path = tmp_path / "events.csv"
    path.write_text(_HEADER + _LINE.format(_ONE) + _LINE.format("no-uuid"))
    with pytest.raises(OltpFailed, match=r"nothing was loaded: .*no-uuid.*line 3"):
        load_files(empty_shop, [path])
    assert ask(empty_shop, "SELECT count(*) FROM shop.events") == [(0,)]


def test_a_database_without_the_schema_is_refused(server: object, tmp_path: Path) -> None:
    from ecom_platform.oltp.server import EmbeddedServer

    assert isinstance(server, EmbeddedServer)
    with pytest.raises(OltpFailed, match="shop"):
        load_files(server.url(), [])
