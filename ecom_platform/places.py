"""Places of a lake: a folder of this machine, or a prefix of a bucket, and which names are fit.

Belongs here: what a place is called and where its store answers. Not here: reading, writing.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

S3_SCHEME = "s3://"
_PATTERN_CHARACTERS = frozenset("#*?[]{}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[\w.=@+ -]+(/[\w.=@+ -]+)*")


@dataclass(frozen=True)
class S3Location:
    """A place in an object store.

    Attributes:
        bucket: the bucket.
        prefix: the beginning of every key, without a slash at its end; may be empty.
        endpoint: address of a store that is not AWS's own; None for AWS.
    """

    bucket: str
    prefix: str
    endpoint: str | None = None

    @classmethod
    def parse(cls, uri: str, endpoint: str | None = None) -> S3Location:
        """The place that an `s3://bucket/prefix` names.

        Raises:
            ValueError: it names none, or one that engines would misread.
        """
        bucket, _, prefix = uri.removeprefix(S3_SCHEME).rstrip("/").partition("/")
        if not _BUCKET.fullmatch(bucket):
            raise ValueError(f"{bucket!r} is no name of a bucket; write s3://bucket/prefix")
        if prefix and not _PREFIX.fullmatch(prefix):
            raise ValueError(
                f"the prefix {prefix!r} holds what engines read as a pattern or an escape; use "
                "letters, digits and . _ - = @ + between single slashes"
            )
        return cls(bucket, prefix, endpoint)

    @property
    def uri(self) -> str:
        """The place as people and engines write it."""
        return S3_SCHEME + "/".join(part for part in (self.bucket, self.prefix) if part)

    @property
    def is_local(self) -> bool:
        """Whether the store runs on this machine."""
        return self.endpoint is not None and _is_this_machine(urlsplit(self.endpoint).hostname)

    def below(self, name: str) -> S3Location:
        """A place below this one."""
        prefix = f"{self.prefix}/{name}" if self.prefix else name
        return S3Location(self.bucket, prefix, self.endpoint)


def require_a_place(lake: str) -> None:
    """Refuse what is no place for a lake.

    Raises:
        ValueError: it is neither a folder nor in a bucket, or engines would misread it.
    """
    if not lake.strip():
        raise ValueError("name a folder, e.g. ./lake, or s3://bucket/prefix")
    if lake.startswith(S3_SCHEME):
        S3Location.parse(lake)
    elif "://" in lake:
        raise ValueError(f"{lake!r} is neither a folder nor s3://bucket/prefix")
    elif taken := _PATTERN_CHARACTERS.intersection(str(Path(lake).expanduser().resolve())):
        raise ValueError(
            f"the folder's path holds {' '.join(sorted(taken))}, which engines read as a "
            "pattern; choose another folder"
        )


def require_a_safe_endpoint(endpoint: str) -> None:
    """Refuse an address that would send data or passwords over the network in the clear.

    Raises:
        ValueError: it is no address, holds a password, or is not encrypted and not on this machine.
    """
    place = urlsplit(endpoint)
    if place.username or place.password:
        raise ValueError("AWS_ENDPOINT_URL holds a password; credentials belong elsewhere")
    if place.scheme not in ("http", "https") or not place.hostname:
        raise ValueError(f"AWS_ENDPOINT_URL={endpoint!r}: write it as https://host:port")
    if place.scheme == "http" and not _is_this_machine(place.hostname):
        raise ValueError(
            f"AWS_ENDPOINT_URL={endpoint!r} is not encrypted; use https: plain http is for "
            "stores on this machine"
        )


def _is_this_machine(host: str | None) -> bool:
    name = host or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:  # a name: 127.example.com is anybody's
        return False
