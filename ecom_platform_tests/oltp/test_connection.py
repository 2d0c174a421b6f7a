"""Connections that fail say so in one line, and never show a password."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ecom_platform.errors import OltpUnavailable
from ecom_platform.oltp.connection import connect, database_url, embedded_server
from ecom_platform.settings import load_settings

if TYPE_CHECKING:
    from ecom_platform.oltp.server import EmbeddedServer
    from ecom_platform.settings import Settings

SECRET = "s3cret-of-the-shop"


def test_a_wrong_password_gives_one_line_that_does_not_show_it(server: EmbeddedServer) -> None:
    port = urlsplit(server.url()).port
    with pytest.raises(OltpUnavailable) as refused:
        connect(f"postgresql://shop:{SECRET}@127.0.0.1:{port}/postgres")
    assert str(refused.value) == (
        f"PostgreSQL at 127.0.0.1:{port} refuses the user 'shop': password authentication failed "
        'for user "shop"; check ECOM_OLTP_URL, or start the embedded one with: ecom oltp up'
    )
    assert refused.value.__cause__ is None


def test_a_server_that_is_not_there_gives_one_line() -> None:
    with pytest.raises(OltpUnavailable) as refused:
        connect(f"postgresql://shop:{SECRET}@127.0.0.1:1/postgres")
    assert "\n" not in str(refused.value)
    assert "127.0.0.1:1" in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("url", [f"postgresql://shop:{SECRET}%ZZ@h/d", f"shop {SECRET}"])
def test_an_address_that_is_none_is_not_repeated(url: str) -> None:
    with pytest.raises(OltpUnavailable, match="ECOM_OLTP_URL is no address") as refused:
        connect(url)
    assert SECRET not in str(refused.value)


def test_the_settings_do_not_show_the_address(settings: Settings) -> None:
    url = f"postgresql://shop:{SECRET}@h/d"
    named = load_settings(lake=settings.lake, oltp_url=url, _env_file=None)
    assert SECRET not in repr(named)
    assert database_url(named) == url
    assert embedded_server(named) is None
