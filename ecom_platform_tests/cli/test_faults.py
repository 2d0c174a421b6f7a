"""Faults of the machine: one line with what to do, and no other fault is hidden behind it."""

from __future__ import annotations

import errno

import pytest

from ecom_platform.cli.faults import explain, told_with_a_remedy
from ecom_platform.errors import LakeUnavailable

FULL = "OSError: [Errno 28] Error writing bytes to file. Detail: No space left on device"
NO_FOLDER = "QueryExecutionException: IO error for operation on lake/x: Not a directory\nat line 1"


def test_a_full_disk_is_the_same_fault_whoever_meets_it() -> None:
    told = explain(FULL, "/data/lake")
    assert told == explain("(sqlite3.OperationalError) database or disk is full", "/data/lake")
    assert told.startswith("no space is left on the device where the lake /data/lake lies;")


def test_a_folder_that_cannot_be_written_is_named() -> None:
    told = explain(NO_FOLDER, "/data/lake")
    assert "/data/lake cannot be written; nothing is lost" in told
    assert "lake/x" in told
    assert "\n" not in told


def test_what_an_engine_says_of_the_store_is_explained_once() -> None:
    said = "Generic S3 error: Error performing PUT http://x: 503 Service Unavailable: SlowDown"
    told = explain(said, "s3://b/p")
    assert told.startswith("s3://b/p: the store is overloaded and refused every attempt; nothing")
    assert explain(told, "s3://b/p") == told
    cut = "Generic S3 error: Error getting list response body: HTTP error: response body error"
    assert "stopped in the middle of an answer; check the network" in explain(cut, "s3://b/p")


def test_any_other_failure_is_told_as_it_is() -> None:
    assert explain("clean_events 2020-04-01: refused", "/data/lake") == (
        "clean_events 2020-04-01: refused"
    )
    with pytest.raises(FileNotFoundError), told_with_a_remedy("/data/lake"):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")


def test_a_full_disk_between_two_runs_is_one_line() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(LakeUnavailable, match="no space is left"), told_with_a_remedy("/data/lake"):
        raise full
