"""`ecom oltp`: from nothing to a shop that lives, and back to rest."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.errors import OltpUnavailable
from ecom_platform.oltp.binaries import Account, find_binaries
from ecom_platform.oltp.server import EmbeddedServer

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.cli.conftest import Ecom


@pytest.fixture
def folder(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the commands keep their server."""
    try:
        find_binaries(Account.of_this_process())
    except OltpUnavailable as fault:
        pytest.skip(f"PostgreSQL does not run here: {fault}")
    folder = Path(tempfile.mkdtemp(prefix="ecom-oltp-test-"))
    monkeypatch.setenv("ECOM_OLTP_FOLDER", str(folder))
    monkeypatch.setenv("COLUMNS", "200")
    yield folder
    if EmbeddedServer(folder).exists:
        EmbeddedServer(folder).kill()
    shutil.rmtree(folder)


def test_a_shop_is_opened_filled_lives_is_replicated_and_closed(
    folder: Path, ecom: Ecom, settings: Settings
) -> None:
    said = ecom("oltp", "up")
    assert said.code == 0, said.err
    assert "with the shop's schema: 127.0.0.1:" in said.out
    said = ecom("oltp", "load", "--from", "2020-04-01", "--to", "2020-04-01", "--rows", "500")
    assert said.code == 0, said.err
    assert "events" in said.out
    said = ecom("oltp", "simulate", "--transactions", "20", "--rate", "0")
    assert said.code == 0, said.err
    assert "visit" in said.out
    said = ecom("oltp", "replicate", "--once")
    assert said.code == 0, said.err
    assert "Full load complete" in said.out
    assert len(list(Path(settings.landing_path).glob("dms/shop/*/LOAD00000001.parquet"))) == 6
    ecom("oltp", "simulate", "--transactions", "5", "--rate", "0", "--seed", "2")
    said = ecom("oltp", "replicate", "--seconds", "0")
    assert said.code == 0, said.err
    assert "changes written" in said.out
    assert list(Path(settings.landing_path).glob("dms/shop/*/2*.parquet"))
    assert "Stopped" in ecom("oltp", "down").out
    assert "not running" in ecom("oltp", "down").out
    ended = ecom("oltp", "simulate")
    assert ended.code == 1
    assert len(ended.err.strip().splitlines()) == 1


def test_a_wrong_period_is_a_wrong_usage(folder: Path, ecom: Ecom) -> None:
    ended = ecom("oltp", "load", "--month", "April")
    assert ended.code == 2
    assert "--month 'April' is no month" in ended.err


def test_a_server_that_is_not_ours_is_left_alone(
    settings: Settings, ecom: Ecom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECOM_OLTP_URL", "postgresql://shop:s3cret@127.0.0.1:1/shop")
    assert "left alone" in ecom("oltp", "down").out
    ended = ecom("oltp", "up")
    assert ended.code == 1
    assert "s3cret" not in ended.err + ended.out
