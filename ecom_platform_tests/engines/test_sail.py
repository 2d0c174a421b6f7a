"""Sail in this process: where it listens."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecom_platform.engines.sail import sail_address

LISTENS = "0A"
LOOPBACK = "0100007F"


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads the sockets of Linux")
def test_sail_listens_on_the_loopback_alone() -> None:
    port = int(sail_address().rsplit(":", maxsplit=1)[1])
    listening = {(host, bound) for host, bound in _listening() if bound == port}
    assert listening == {(LOOPBACK, port)}


def _listening() -> set[tuple[str, int]]:
    """Address and port of every socket that this process listens on."""
    links = (str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink())
    mine = {name.removeprefix("socket:[").rstrip("]") for name in links if "socket:[" in name}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENS and fields[9] in mine:
                host, port = fields[1].split(":")
                found.add((host, int(port, 16)))
    return found
