"""The shop's life: chosen by a seed, and every action changes what its name says."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import TYPE_CHECKING

import pytest

from ecom_platform.errors import OltpFailed
from ecom_platform.oltp.actions import ACTIONS, Shop
from ecom_platform.oltp.connection import connect
from ecom_platform.oltp.migrate import TABLES
from ecom_platform.oltp.simulate import simulate

if TYPE_CHECKING:
    from ecom_platform_tests.oltp.conftest import Ask, NewDatabase

NOW = dt.datetime.fromisoformat("2020-04-02 12:00:00")
CHANGES = {
    "visit": {"sessions", "events"},
    "reprice": {"products"},
    "rename": {"users"},
    "correct": {"events"},
    "withdraw": {"events"},
    "reattribute": {"sessions"},
    "recategorize": {"products"},
    "erase": {"users", "sessions", "events"},
    "renumber": {"brands", "products"},
}


def test_the_same_seed_lives_the_same_life(
    new_database: NewDatabase, loaded_template: str, ask: Ask
) -> None:
    lives = [new_database(loaded_template) for _ in range(3)]
    counts = [
        simulate(url, transactions=60, seed=seed, clock=lambda: NOW)
        for url, seed in zip(lives, (1, 1, 2), strict=True)
    ]
    contents = [_contents(url, ask) for url in lives]
    assert counts[0] == counts[1]
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]
    assert counts[0].total() == 60


@pytest.mark.parametrize("name", CHANGES)
def test_an_action_changes_the_tables_it_is_about_and_no_other(
    name: str, shop: str, ask: Ask
) -> None:
    action = {known: action for known, action, _ in ACTIONS}[name]
    before = _contents(shop, ask)
    with connect(shop) as connection:
        action(Shop(connection.cursor(), Random(5), NOW))
    after = _contents(shop, ask)
    changed = {table for table in TABLES if before[table] != after[table]}
    assert changed - {"users"} == CHANGES[name] - {"users"}
    assert "users" not in changed or name in {"visit", "rename", "erase"}


def test_every_action_is_tested_and_has_its_share() -> None:
    assert {name for name, _, _ in ACTIONS} == set(CHANGES)
    assert sum(weight for _, _, weight in ACTIONS) == 1000


def test_an_empty_shop_cannot_live(empty_shop: str) -> None:
    with pytest.raises(OltpFailed, match="is empty; first: ecom oltp load"):
        simulate(empty_shop, transactions=1, seed=1)


def _contents(url: str, ask: Ask) -> dict[str, list[str]]:
    return {
        table: [text for (text,) in ask(url, f"SELECT t::text FROM shop.{table} t ORDER BY 1")]
        for table in TABLES
    }
