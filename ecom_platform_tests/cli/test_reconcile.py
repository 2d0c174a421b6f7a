"""`ecom oltp reconcile`: shop and lake agree to the row, or the keys that differ are named."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.errors import OltpUnavailable
from ecom_platform.oltp.connection import connect
from ecom_platform.oltp.server import EmbeddedServer

if TYPE_CHECKING:
    from ecom_platform_tests.cli.conftest import Ecom

KEY = "k" * 70  # longer than a block of the hash


@pytest.fixture
def server(ecom: Ecom, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedServer]:
    """A shop's database that `ecom` finds by its settings."""
    folder = Path(tempfile.mkdtemp(prefix="ecom-oltp-test-"))
    server = EmbeddedServer(folder, durable=False)
    try:
        server.start()
    except OltpUnavailable as fault:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not run here: {fault}")
    monkeypatch.setenv("ECOM_OLTP_FOLDER", str(folder))
    monkeypatch.setenv("ECOM_PROFILE_KEY", KEY)
    monkeypatch.setenv("COLUMNS", "200")
    yield server
    server.kill()
    shutil.rmtree(folder, ignore_errors=True)


def test_both_agree_after_a_life_and_a_row_that_was_kept_back_is_named(
    server: EmbeddedServer, ecom: Ecom
) -> None:
    assert ecom("oltp", "up").code == 0
    day = ("--from", "2020-04-01", "--to", "2020-04-01", "--rows", "500")
    assert ecom("oltp", "load", *day).code == 0
    assert ecom("oltp", "replicate", "--once").code == 0
    assert ecom("oltp", "simulate", "--transactions", "60", "--rate", "0").code == 0
    said = ecom("oltp", "reconcile")
    assert said.code == 0, said.out + said.err
    assert len(re.findall("agrees", said.out)) == 6
    with connect(server.url()) as connection:
        connection.execute("ALTER PUBLICATION ecom_dms DROP TABLE shop.users, shop.events")
        (user,) = connection.execute("SELECT min(user_id) FROM shop.users").fetchone() or (0,)
        connection.execute("UPDATE shop.users SET name = 'Eve' WHERE user_id = %s", (user,))
        connection.execute("DELETE FROM shop.events WHERE event_id = 3")
    said = ecom("oltp", "reconcile")
    assert said.code == 1
    assert len(re.findall("agrees", said.out)) == 4
    assert f"{user}: other values" in said.out
    assert "events 2020-04-01: 3: only in the lake" in said.out
    assert "Eve" not in said.out


@pytest.mark.slow
def test_the_demo_goes_the_whole_way_and_stops_what_it_started(
    server: EmbeddedServer, ecom: Ecom
) -> None:
    said = ecom("oltp", "demo", "--transactions", "30", "--rate", "0")
    assert said.code == 0, said.out + said.err
    assert len(re.findall("agrees", said.out)) == 6
    assert "30 transactions happened" in said.out
    assert "landing_dms_sensor asks for shop_changes_job" in said.out
    assert "landing_events_sensor asks for events_hourly_job" in said.out
    assert "every one is accounted for" in said.out
    assert re.search(r"fact_user_events: [\d,]+ events by mobile", said.out)
    assert not server.is_running
