"""Where requests go: to the configured endpoint, whichever client asks, and nowhere else."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ecom_platform.engines.sail import sail_address
from ecom_platform.lake.sql import connect
from ecom_platform_tests.samples import at
from ecom_platform_tests.upkeep_in_small import LATER, upkeep

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform
    from ecom_platform_tests.s3_in_small import Bucket

SOCKETS = Path("/proc/self/net")
LOOPBACK = ("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000")

pytestmark = [
    pytest.mark.s3,
    pytest.mark.parametrize("place", ["s3"], indirect=True),
    pytest.mark.skipif(not SOCKETS.is_dir(), reason="only Linux tells of a process's connections"),
]


def connections() -> Iterator[tuple[str, int, int]]:
    """Address and port of the other ends of this process's sockets, and their ports here.

    Native clients have theirs too: the kernel tells, not the clients. An attempt counts as well.
    """
    own = set()
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            own.add(str(entry.readlink()))
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        for line in (SOCKETS / kind).read_text().splitlines()[1:]:
            here, there, inode = (line.split()[n] for n in (1, 2, 9))
            address, port = there.split(":")
            if f"socket:[{inode}]" in own and int(port, 16):
                yield address, int(port, 16), int(here.split(":")[1], 16)


@contextlib.contextmanager
def watched() -> Iterator[set[tuple[str, int, int]]]:
    """Look at this process's connections all the time."""
    seen: set[tuple[str, int, int]] = set()
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.002):
            seen.update(connections())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def test_a_run_talks_to_the_configured_endpoint_and_to_nobody_else(
    platform: SmallPlatform, bucket: Bucket
) -> None:
    engine, store = urlsplit(sail_address()).port, urlsplit(bucket.server.endpoint).port
    platform.drop("a.csv", at(1), at(2))
    # What tests before this one have left open; a new connection has another port here.
    left = {found for found in connections() if found[1] not in (engine, store)}
    with watched() as seen:
        platform.run()
        upkeep(platform, LATER)
        with connect(platform.lake) as sql:
            assert sql.sql("SELECT count(*) FROM fact_user_events").fetchall() == [(2,)]
    # The engine runs in this process, so that its end of a connection is seen too.
    asked = {(address, port) for address, port, here in seen - left if here != engine}
    assert {address for address, _ in asked} <= set(LOOPBACK)
    assert {port for _, port in asked} == {store, engine}
