"""`ecom s3`: a server that a person starts, which this machine alone can reach."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from ecom_platform.s3 import server

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.cli.conftest import Ecom, Ended

pytestmark = [
    pytest.mark.s3,
    pytest.mark.skipif(server.binary() is None, reason="the S3 server is not installed"),
]

LISTENS, CONNECTED = "0A", "01"


@pytest.fixture
def folder(settings: Settings) -> Iterator[Path]:
    """Where the server of the test's `ecom s3` keeps its things; it ends with the test."""
    found = Path(settings.state) / "s3-server"
    yield found
    server.stop(found)


def variables(ended: Ended) -> dict[str, str]:
    """What a shell would set of what `ecom s3 up` prints."""
    assert ended.code == 0, ended.err
    words = [shlex.split(line) for line in ended.out.splitlines()]
    assert {word[0] for word in words} == {"export"}
    return dict(word[1].split("=", 1) for word in words)


def sockets(pids: set[int]) -> Iterator[tuple[str, str, str]]:
    """The state, own address and other address of every TCP socket of some processes."""
    own = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                own.add(str(entry.readlink()))
    for kind in ("tcp", "tcp6"):
        for line in Path(f"/proc/{min(pids)}/net/{kind}").read_text().splitlines()[1:]:
            here, there, state, inode = (line.split()[n] for n in (1, 2, 3, 9))
            if f"socket:[{inode}]" in own:
                yield state, address(here), address(there)


def address(told: str) -> str:
    """An address as the kernel's table writes it: words of four bytes, each the wrong way round."""
    raw = bytes.fromhex(told.partition(":")[0])
    words = [raw[first : first + 4][::-1] for first in range(0, len(raw), 4)]
    found = ipaddress.ip_address(b"".join(words))
    return str(getattr(found, "ipv4_mapped", None) or found)


def group(pid: int) -> dict[int, str]:
    """The processes of a group with their command lines."""
    listed = subprocess.run(
        ["ps", "-eww", "-o", "pid=,pgid=,args="], capture_output=True, text=True, check=True
    )
    lines = (line.split(None, 2) for line in listed.stdout.splitlines())
    return {int(own): args for own, leader, args in lines if int(leader) == pid}


def test_it_starts_is_found_again_stops_and_keeps_its_objects(ecom: Ecom, folder: Path) -> None:
    assert ecom("s3", "status").code == 1
    first = variables(ecom("s3", "up", "--bucket", "my-lake"))
    assert first["ECOM_LAKE"] == "s3://my-lake/demo"
    assert variables(ecom("s3", "up", "--bucket", "my-lake")) == first
    assert first["AWS_ENDPOINT_URL"] in ecom("s3", "status").err
    keys = {name: first[name.upper()] for name in ("aws_access_key_id", "aws_secret_access_key")}

    def client(found: dict[str, str]):
        return boto3.client(
            "s3", endpoint_url=found["AWS_ENDPOINT_URL"], region_name=found["AWS_REGION"], **keys
        )

    client(first).put_object(Bucket="my-lake", Key="a", Body=b"content")
    assert ecom("s3", "down").code == 0
    assert ecom("s3", "status").code == 1
    again = variables(ecom("s3", "up", "--bucket", "my-lake"))
    assert client(again).get_object(Bucket="my-lake", Key="a")["Body"].read() == b"content"
    assert_private(folder, again)


def assert_private(folder: Path, found: dict[str, str]) -> None:
    """Nobody else can reach it, it talks to nobody else, and its key is in one file."""
    running = server.find(folder)
    assert running is not None
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", running.endpoint)
    secret = found["AWS_SECRET_ACCESS_KEY"]
    processes = group(running.pid)
    assert processes
    assert not any(secret in line for line in processes.values())
    assert any("-master.telemetry=false" in line for line in processes.values())
    private = [file for file in (folder / "keys.json", folder / "server.json") if file.exists()]
    assert {file.stat().st_mode & 0o077 for file in private} == {0}
    told = [file for file in folder.glob("*.log") if secret in file.read_text(errors="replace")]
    assert told == []
    if Path("/proc/net/tcp").is_file():
        seen = list(sockets(set(processes)))
        here = {own for state, own, _ in seen if state == LISTENS}
        there = {other for state, _, other in seen if state == CONNECTED}
        assert here
        assert all(ipaddress.ip_address(found).is_loopback for found in here | there), seen
