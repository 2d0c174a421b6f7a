"""A server that speaks S3 on this machine alone: SeaweedFS, for laptops and tests.

Belongs here: starting, finding and stopping it. Not here: what is kept in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ecom_platform.errors import EcomError
from ecom_platform.s3.client import new_client
from ecom_platform.s3.processes import end_group, was_started_with

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_REGION = "us-east-1"
_HOST = "127.0.0.1"
_PORTS = ("master", "volume", "filer", "admin", "s3")
# Each port also takes the one that is higher by this, for talk between the server's own parts.
_GRPC_OFFSET = 10_000
_FIRST_PORT, _LAST_PORT = 20_000, 50_000
_STARTS = 4
_UNTIL_INPUT_ENDS = 'trap : TERM; "$@" </dev/null & read -r _; kill $!; wait $!'
_SECONDS_TO_START = 30.0
_INSTALL = "pip install -c constraints.txt -e '.[s3]', or make: it is part of the test dependencies"


class ServerUnavailable(EcomError):
    """The S3 server of this machine cannot be started, or is not there."""


@dataclass(frozen=True)
class RunningServer:
    """A server that runs.

    Attributes:
        pid: its process.
        endpoint: where it answers.
        access_key, secret_key: what it was started with; of use on this machine alone.
    """

    pid: int
    endpoint: str
    access_key: str
    secret_key: str

    def environment(self) -> dict[str, str]:
        """The variables with which every AWS client of this machine talks to it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": _REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def make_bucket(self, name: str) -> None:
        """Make a bucket, unless it is there."""
        try:
            self.client().create_bucket(Bucket=name)
        except ClientError as fault:
            if not fault.response["Error"]["Code"].startswith("BucketAlready"):
                raise

    def answers(self) -> bool:
        """Whether it answers, and knows the keys."""
        try:
            self.client().list_buckets()
        except (BotoCoreError, ClientError):
            return False
        return True

    def client(self) -> S3Client:
        """A client with its keys."""
        session = boto3.Session(self.access_key, self.secret_key)
        return new_client(self.endpoint, _REGION, session)


def binary() -> str | None:
    """The program, from the PATH or beside this Python."""
    return shutil.which("weed") or shutil.which("weed", path=str(Path(sys.executable).parent))


def start(folder: Path, *, until_parent_ends: bool = False) -> RunningServer:
    """Start the server on free ports, with its data below a folder; or find it running there.

    Args:
        folder: where it keeps everything, its log and address among it.
        until_parent_ends: it ends with this process, however that ends.

    Raises:
        ServerUnavailable: it is not installed, or does not start.
    """
    if running := find(folder):
        return running
    program = binary()
    if program is None:
        raise ServerUnavailable(f"the S3 server (SeaweedFS) is not installed: {_INSTALL}")
    (folder / "data").mkdir(parents=True, exist_ok=True)
    keys = _keys(folder)
    for _ in range(_STARTS):
        ports = dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
        process = _spawn(program, folder, ports, keys, until_parent_ends)
        server = RunningServer(process.pid, f"http://{_HOST}:{ports['s3']}", *keys)
        if _wait_for(process, server):
            _write_secretly(_address(folder), asdict(server))
            return server
        end_group(process.pid)
    raise ServerUnavailable(f"the S3 server does not start; its log is {folder / 'server.log'}")


def find(folder: Path) -> RunningServer | None:
    """The server that runs on a folder, or None."""
    try:
        server = RunningServer(**json.loads(_address(folder).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return (
        server
        if was_started_with(server.pid, _data_argument(folder)) and server.answers()
        else None
    )


def stop(folder: Path) -> bool:
    """Stop the server of a folder; its data stay. Whether there was one."""
    server = find(folder)
    _address(folder).unlink(missing_ok=True)
    if server is None:
        return False
    end_group(server.pid)
    return True


def _spawn(
    program: str,
    folder: Path,
    ports: dict[str, int],
    keys: tuple[str, str],
    until_parent_ends: bool,
) -> subprocess.Popen[bytes]:
    command = [program, "mini", _data_argument(folder), f"-ip={_HOST}", f"-ip.bind={_HOST}"]
    command += [f"-{name}.port={port}" for name, port in ports.items()]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false"]
    # Left alone it reports to its makers, and opens pages that nobody asked for.
    command += ["-master.telemetry=false", "-admin.ui=false", "-webdav=false"]
    if until_parent_ends:
        # Its input ends with the parent, however that ends; then the shell ends the server.
        command = ["sh", "-c", _UNTIL_INPUT_ENDS, "sh", *command]
    home = {name: os.fspath(folder) for name in ("HOME", "TMPDIR")}
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603  # the program was found above
            command,
            stdin=subprocess.PIPE if until_parent_ends else subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=folder,
            env={
                "PATH": os.defpath,
                **home,
                "AWS_ACCESS_KEY_ID": keys[0],
                "AWS_SECRET_ACCESS_KEY": keys[1],
            },
        )


def _wait_for(process: subprocess.Popen[bytes], server: RunningServer) -> bool:
    deadline = time.monotonic() + _SECONDS_TO_START
    host, _, port = server.endpoint.removeprefix("http://").partition(":")
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            if server.answers():
                return True
        time.sleep(0.1)
    return False


def _keys(folder: Path) -> tuple[str, str]:
    """The keys of a folder's server: made once, for its data know them."""
    file = folder / "keys.json"
    if not file.exists():
        _write_secretly(file, [f"ecom{secrets.token_hex(6)}", secrets.token_hex(20)])
    access_key, secret_key = json.loads(file.read_text())
    return access_key, secret_key


def _write_secretly(file: Path, content: object) -> None:
    """Write what nobody else may read, at no moment."""
    file.touch(mode=0o600)
    file.write_text(json.dumps(content))


def _free_ports(count: int) -> Iterator[int]:
    """Ports that are free now, and so are those that the server takes besides."""
    found = 0
    while found < count:
        port = random.randrange(_FIRST_PORT, _LAST_PORT)  # noqa: S311  # no secret
        if all(_is_free(taken) for taken in (port, port + _GRPC_OFFSET)):
            found += 1
            yield port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _data_argument(folder: Path) -> str:
    return f"-dir={folder / 'data'}"


def _address(folder: Path) -> Path:
    return folder / "server.json"
