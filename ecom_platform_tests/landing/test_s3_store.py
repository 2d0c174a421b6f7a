"""A landing area in a bucket: what is an object, which version of it, and what is none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ecom_platform.landing.objects import ObjectChangedError
from ecom_platform.landing.s3_store import S3Store
from ecom_platform.sensors.landing import Memory, look

if TYPE_CHECKING:
    from ecom_platform_tests.s3_in_small import Bucket

pytestmark = pytest.mark.s3

KEYS = ("events/2020-04-01/a b+c.csv", "events/ä/東京 %20 'x'.csv.gz", "events/z=1/&.csv")


@pytest.fixture
def store(bucket: Bucket) -> S3Store:
    return S3Store(bucket.connection.below("landing"))


def keys(store: S3Store) -> list[str]:
    return [found.key for found in store.list()]


def test_objects_of_any_name_are_listed_and_read(store: S3Store, bucket: Bucket) -> None:
    versions = {key: bucket.put(f"landing/{key}", key.encode()) for key in KEYS}
    assert {found.key: found.version for found in store.list()} == versions
    for found in store.list():
        with store.open(found.key, found) as stream:
            assert stream.read(1000).decode() == found.key


def test_what_is_no_finished_object_is_not_listed(store: S3Store, bucket: Bucket) -> None:
    for name in ("events/", "events/2020/", "events/_x/a.csv", "events/.a.csv", "events/a.part"):
        bucket.put(f"landing/{name}", b"")
    bucket.put("landing/events/readme.txt", b"")
    bucket.put("landing/elsewhere/a.csv", b"")
    bucket.put("landing/events/real.csv", b"")
    assert keys(store) == ["events/real.csv"]
    assert list(store.ignored()) == ["events/readme.txt"]


def test_an_upload_in_progress_is_not_there_until_it_is_complete(
    store: S3Store, bucket: Bucket
) -> None:
    where = {"Bucket": bucket.name, "Key": f"{bucket.prefix}/landing/events/big.csv"}
    upload = bucket.client.create_multipart_upload(**where)["UploadId"]
    part = bucket.client.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"x" * 9)
    assert keys(store) == []
    bucket.client.complete_multipart_upload(
        **where,
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    (found,) = store.list()
    assert (found.key, found.size) == ("events/big.csv", 9)
    assert (found.version or "").endswith("-1")


def test_a_rewritten_object_is_another_version_and_the_old_one_is_not_read(
    store: S3Store, bucket: Bucket
) -> None:
    bucket.put("landing/events/a.csv", b"one")
    (old,) = store.list()
    bucket.put("landing/events/a.csv", b"two")
    (new,) = store.list()
    assert (old.size, new.size) == (3, 3)
    assert old.version != new.version
    with pytest.raises(ObjectChangedError, match=r"events/a\.csv changed"):
        store.open(old.key, old).read(3)
    assert store.open(new.key, new).read(3) == b"two"


def test_a_deleted_object_has_disappeared(store: S3Store, bucket: Bucket) -> None:
    bucket.put("landing/events/a.csv", b"one")
    (old,) = store.list()
    bucket.delete("landing/events/a.csv")
    assert keys(store) == []
    with pytest.raises(ObjectChangedError, match="disappeared"):
        store.open(old.key, old).read(3)
    with pytest.raises(ObjectChangedError, match="disappeared"):
        store.version(old.key)


@pytest.mark.slow
def test_ten_thousand_objects_are_found_in_bounded_looks(store: S3Store, bucket: Bucket) -> None:
    expected = {f"events/{n % 30:02d}/{n:05d}.csv" for n in range(10_000)}
    client = bucket.client
    with ThreadPoolExecutor(16) as threads:
        list(
            threads.map(
                lambda key: client.put_object(
                    Bucket=bucket.name, Key=f"{bucket.prefix}/landing/{key}", Body=b""
                ),
                expected,
            )
        )
    assert set(keys(store)) == expected
    seen: set[str] = set()
    memory = Memory()
    for _ in range(3):
        one = look(store, memory)
        memory = one.memory
        assert len(one.found) <= 7000
        seen |= {found.key for found in one.found}
    assert seen == expected
