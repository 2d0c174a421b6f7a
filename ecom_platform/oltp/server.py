"""An embedded PostgreSQL for development: made, started and stopped below one folder.

Belongs here: the life of the server, and its password. Not here: what lies in its databases.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import stat
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from ecom_platform.errors import OltpUnavailable
from ecom_platform.oltp.binaries import Account, find_binaries

USER = "shop"
_HOST = "127.0.0.1"
_START_SECONDS = "60"
_SHARED_FOLDER = stat.S_IRWXU | stat.S_IXGRP | stat.S_IXOTH
_OWN_FOLDER = stat.S_IRWXU
_OWN_FILE = stat.S_IRUSR | stat.S_IWUSR


@dataclass(frozen=True)
class _Access:
    """What is kept of a server, in a file that only its owner reads."""

    binaries: str
    port: int
    password: str


class EmbeddedServer:
    """A PostgreSQL server with logical replication on a loopback port of its own.

    Args:
        folder: Where its data and its password lie; made on the first start.
        durable: Whether commits wait for the disk. Tests do without.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._access_file = folder / "server.json"
        self._account = Account.of_this_process()
        self._durable = durable

    @property
    def exists(self) -> bool:
        """Whether it was ever started here."""
        return self._access_file.is_file()

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases, with the password: never to be shown.

        Raises:
            OltpUnavailable: it was never started.
        """
        access = self._access()
        return f"postgresql://{USER}:{quote(access.password)}@{_HOST}:{access.port}/{database}"

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.exists and self._control("status").returncode == 0

    def start(self) -> None:
        """Start it, and make it first if need be; a server that runs is left alone.

        Raises:
            OltpUnavailable: PostgreSQL is missing or does not start; the message says where its
                log is.
        """
        if self.is_running:
            return
        if not self.exists:
            self._make()
        access = self._with_free_port(self._access())
        options = {
            "port": access.port,
            "listen_addresses": _HOST,
            "unix_socket_directories": "",
            "wal_level": "logical",
            "max_replication_slots": 20,
            "timezone": "UTC",
            **({} if self._durable else {"fsync": "off"}),
        }
        written = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        log = self._data / "server.log"
        started = self._control("start", "-w", "-t", _START_SECONDS, "-l", log, "-o", written)
        if started.returncode:
            raise OltpUnavailable(
                f"PostgreSQL does not start in {self._data}: {_one_line(started)}; its log: {log}"
            )

    def stop(self) -> bool:
        """Stop it; whether there was one to stop.

        Raises:
            OltpUnavailable: it does not stop.
        """
        if not self.is_running:
            return False
        if self._control("stop", "-m", "fast", "-w").returncode:
            raise OltpUnavailable(f"PostgreSQL in {self._data} does not stop; see its server.log")
        return True

    def kill(self) -> None:
        """Stop it as a crash would: nothing is written out."""
        self._control("stop", "-m", "immediate", "-w")

    def _control(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        control = Path(self._access().binaries) / "pg_ctl"
        return self._account.run(control, "-s", "-D", self._data, *arguments)

    def _access(self) -> _Access:
        try:
            return _Access(**json.loads(self._access_file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise OltpUnavailable("the shop's database was never started: ecom oltp up") from None
        except PermissionError:
            raise OltpUnavailable(f"{self._access_file} belongs to another user") from None

    def _write_access(self, access: _Access) -> None:
        _write_secret(self._access_file, json.dumps(asdict(access)))

    def _with_free_port(self, access: _Access) -> _Access:
        """The port it had before, unless somebody else took it meanwhile."""
        if not _is_free(access.port):
            access = _Access(access.binaries, _free_port(), access.password)
            self._write_access(access)
        return access

    def _make(self) -> None:
        binaries = find_binaries(self._account)
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._account.name:
            self._folder.chmod(_SHARED_FOLDER)
            _require_passage(self._folder, self._account.name)
        self._data.mkdir(exist_ok=True)
        self._data.chmod(_OWN_FOLDER)
        self._account.own(self._data)
        password, hidden = secrets.token_urlsafe(24), self._folder / "initial-password"
        _write_secret(hidden, password)
        self._account.own(hidden)
        try:
            made = self._account.run(
                *(binaries / "initdb", "-D", self._data, "-U", USER, "--encoding=UTF8"),
                *("--locale=C", "--auth=scram-sha-256", f"--pwfile={hidden}", "--no-sync"),
            )
        finally:
            hidden.unlink()
        if made.returncode:
            raise OltpUnavailable(f"initdb failed in {self._data}: {_one_line(made)}")
        self._write_access(_Access(str(binaries), _free_port(), password))


def _one_line(ended: subprocess.CompletedProcess[str]) -> str:
    return " ".join(ended.stderr.split())


def _write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read; others see the old one or the new one."""
    hidden = path.with_name(f".{path.name}.part")
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWN_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    hidden.replace(path)


def _require_passage(folder: Path, account: str) -> None:
    """PostgreSQL does not run as root; the account it runs as must get to its data.

    Raises:
        OltpUnavailable: a folder above is closed to it.
    """
    for above in folder.resolve().parents:
        if not above.stat().st_mode & stat.S_IXOTH:
            raise OltpUnavailable(
                f"PostgreSQL runs as {account}, who may not pass {above}; choose another folder "
                "in ECOM_OLTP_FOLDER, or call ecom as another user than root"
            )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
