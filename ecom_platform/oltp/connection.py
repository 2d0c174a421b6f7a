"""Connections to the shop's database, and what is said when there is none.

Belongs here: opening a connection, faults without secrets. Not here: SQL.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from ecom_platform.errors import OltpUnavailable
from ecom_platform.oltp.server import EmbeddedServer

if TYPE_CHECKING:
    import psycopg

    from ecom_platform.settings import Settings

_CONNECT_SECONDS = 10


def embedded_server(settings: Settings) -> EmbeddedServer | None:
    """The server that is ours to start and stop; None if ECOM_OLTP_URL names another one."""
    return None if settings.oltp_url else EmbeddedServer(settings.oltp_path)


def database_url(settings: Settings) -> str:
    """Address of the shop's database, with its password: never to be shown.

    Raises:
        OltpUnavailable: the embedded server was never started.
    """
    if settings.oltp_url:
        return settings.oltp_url.get_secret_value()
    return EmbeddedServer(settings.oltp_path).url()


def require_driver() -> None:
    """Make sure that psycopg is here, before what cannot be imported without it.

    Raises:
        OltpUnavailable: it is not installed.
    """
    if importlib.util.find_spec("psycopg") is None:
        raise OltpUnavailable("psycopg is missing: pip install 'ecom_platform[oltp]'")


def connect(url: str, **options: Any) -> psycopg.Connection[Any]:
    """Open a connection in UTC.

    Args:
        url: The address, `postgresql://user:password@host:port/database`.
        options: Of psycopg, e.g. `autocommit`.

    Raises:
        OltpUnavailable: psycopg is not installed, the address is none, or the server refuses;
            one line that shows neither the address nor the password.
    """
    require_driver()
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        place = conninfo_to_dict(url)
    except psycopg.Error:
        # What libpq says of it may repeat a part of the password.
        raise OltpUnavailable(
            "ECOM_OLTP_URL is no address; write postgresql://user:password@host:port/database, "
            "with special characters percent-encoded"
        ) from None
    try:
        return psycopg.connect(
            url, connect_timeout=_CONNECT_SECONDS, **{"application_name": "ecom", **options}
        )
    except psycopg.Error as fault:
        where = f"{place.get('host', 'localhost')}:{place.get('port', 5432)}"
        raise OltpUnavailable(
            f"PostgreSQL at {where} refuses the user {place.get('user')!r}: {_last_line(fault)}; "
            "check ECOM_OLTP_URL, or start the embedded one with: ecom oltp up"
        ) from None


def _last_line(fault: Exception) -> str:
    """What the server said, without the address that libpq puts before it."""
    lines = [line.strip() for line in str(fault).splitlines() if line.strip()]
    said = [line.rpartition("FATAL:")[2] for line in lines if "FATAL:" in line]
    if said:
        return said[-1].strip()
    return lines[0].rpartition(": ")[2] if lines else "no answer"
