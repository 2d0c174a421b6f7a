"""Faults between the platform and its bucket: what passes is outlasted, what stays is told.

However it ends, no table shows half of anything, and no object is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform.s3 import client
from ecom_platform.s3.faults import explain
from ecom_platform_tests.platform_in_small import SmallPlatform
from ecom_platform_tests.s3_proxy import (
    ANSWER_LOST,
    CUT_OFF,
    EXPIRED,
    FAILING,
    FORBIDDEN,
    HANGING,
    OVERLOADED,
    RESET,
    SLOW,
    STALLED,
    THROTTLED,
    Call,
    Choice,
    Harm,
    Proxy,
)
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.s3_in_small import Bucket

pytestmark = [pytest.mark.s3, pytest.mark.parametrize("place", ["s3"], indirect=True)]

FACT = "fact_user_events"
PASSING = (FAILING, OVERLOADED, RESET, ANSWER_LOST, CUT_OFF, SLOW)
# Those for which a client waits first are for when tests may take their time.
WAITED_FOR = (HANGING, STALLED)


@pytest.fixture(autouse=True)
def impatient(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:  # comes first
    """What lasts is given up soon: how often, not how long, is under test."""
    monkeypatch.setattr(client, "ATTEMPTS", 3)
    monkeypatch.setattr(client, "READ_SECONDS", 1.0)


def now_and_then(*harms: Harm, every: int = 7) -> Choice:
    """Every so manieth request comes to harm, of each kind in its turn."""

    def choose(call: Call) -> Harm | None:
        turn, rest = divmod(call.number, every)
        harm = harms[turn % len(harms)] if rest == 0 else None
        # The engine asks once for a listing: if it breaks off, the run ends.
        return RESET if harm in (CUT_OFF, STALLED) and call.kind == "LIST" else harm

    return choose


def always(harm: Harm, *kinds: str, below: str = "") -> Choice:
    """Every request of some kinds, about keys that hold a text, comes to harm."""
    return lambda call: harm if call.kind in kinds and below in call.key else None


def fill(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1), {**at(2), "user_session": ""}, "no event")
    platform.drop("b.csv", at(3), at(4))


def is_complete(platform: SmallPlatform) -> bool:
    """Whether every row has its fate, once."""
    return (
        [row["event_time"].hour for row in platform.rows(FACT)] == [1, 3, 4]
        and len(platform.rows("raw_events")) == 5
        and len(platform.rows("rejected_events")) == 2
        and platform.pending() == []
        and platform.lake.publications.published(FACT)[DAY].row_count == 3
    )


# --- What passes


def test_what_passes_is_outlasted(platform: SmallPlatform, proxy: Proxy) -> None:
    fill(platform)
    with proxy.harming(now_and_then(*PASSING)):
        platform.run()
    assert proxy.harmed.total() > len(PASSING)
    assert is_complete(platform)


@pytest.mark.slow
@pytest.mark.parametrize("harm", [*PASSING, *WAITED_FOR])
def test_each_kind_of_what_passes_is_outlasted(
    platform: SmallPlatform, proxy: Proxy, harm: Harm
) -> None:
    fill(platform)
    with proxy.harming(now_and_then(harm, every=12 if harm in WAITED_FOR else 4)):
        platform.run()
    assert proxy.harmed.total() > 10
    assert is_complete(platform)


@pytest.mark.parametrize("harm", [*WAITED_FOR, THROTTLED])
def test_an_object_is_read_though_the_store_hangs_stops_or_asks_for_patience(
    platform: SmallPlatform, proxy: Proxy, harm: Harm
) -> None:
    key = platform.drop("a.csv", text="x" * 1000)
    with proxy.harming(lambda _: harm if proxy.harmed.total() < 2 else None):
        (found,) = platform.store.list()
        with platform.store.open(key, found) as stream:
            assert stream.read(2000) == b"x" * 1000
    assert proxy.harmed == {"LIST": 2} if harm != STALLED else proxy.harmed.total() == 2


def test_a_mark_whose_answer_is_lost_is_recognized(platform: SmallPlatform, proxy: Proxy) -> None:
    lost = []

    def the_first(call: Call) -> Harm | None:
        if call.kind == "PUT" and call.key.endswith("catalog_id") and not lost:
            lost.append(call)
            return ANSWER_LOST
        return None

    with proxy.harming(the_first):
        assert platform.lake.existing_tables() == {}
        platform.lake.table(FACT)
    assert lost


# --- What stays

STAYS = {
    "landing cannot be listed": always(OVERLOADED, "LIST", below="landing"),
    "landing cannot be read": always(FAILING, "GET", below="landing"),
    "no file can be written": always(FORBIDDEN, "PUT", "POST", below=".parquet"),
    # AWS says 503; a store that says 429 is asked again by boto3, and not by pyarrow.
    "writers are asked for patience": always(THROTTLED, "PUT", "POST", below=".parquet"),
    "no manifest can be written": always(FAILING, "PUT", below=".avro"),
    "no metadata can be written": always(FORBIDDEN, "PUT", below=".metadata.json"),
    "no table can be read": always(EXPIRED, "GET", "HEAD", below="tables"),
}


# One of reading and one of writing are enough for the quick run.
QUICK = ("landing cannot be read", "no metadata can be written")


@pytest.mark.parametrize(
    "where",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in STAYS],
)
def test_what_stays_is_told_and_made_good_when_it_is_over(
    platform: SmallPlatform, proxy: Proxy, where: str
) -> None:
    platform.drop("old.csv", at(3))
    platform.ingest()
    before = platform.rows("raw_events")
    platform.drop("old.csv", at(3), at(4))
    platform.drop("a.csv", at(1), at(1), {**at(2), "user_session": ""}, "no event")
    with proxy.harming(STAYS[where]):
        told = failure_of(platform)
    assert proxy.harmed
    assert "\n" not in told
    assert any(word in told for word in ("nothing is lost", "s3:PutObject", "renew them")), told
    assert platform.rows("raw_events") == before
    assert platform.lake.publications.published("clean_events") == {}
    assert len(platform.pending()) == 2
    platform.run()
    assert is_complete(platform)


def failure_of(platform: SmallPlatform) -> str:
    """What a person is told of a run that cannot do its work."""
    try:
        report = platform.ingest()
    except Exception as fault:  # noqa: BLE001  # whichever client met it
        return str(explain(fault, "S3"))
    assert report.unread
    return report.unread[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    "choose",
    [
        always(FORBIDDEN, "PUT", "POST", below="clean_events/data"),
        always(OVERLOADED, "PUT", "POST", below="clean_events/data"),
    ],
    ids=["forbidden", "overloaded"],
)
def test_an_engine_that_cannot_write_publishes_nothing(
    platform: SmallPlatform, proxy: Proxy, choose: Choice
) -> None:
    fill(platform)
    platform.ingest()
    with (
        proxy.harming(choose),
        pytest.raises(Exception, match=r"S3 error|Error performing PUT") as told,
    ):
        platform.rebuild("clean_events")
    said = explain(told.value, "S3")
    assert "S3: " in str(said)
    assert "\n" not in str(said)
    assert platform.rows("clean_events") == []
    platform.run()
    assert is_complete(platform)


# --- As a person sees it


@pytest.mark.parametrize(
    ("harm", "told"),
    [(EXPIRED, "the AWS credentials have expired; renew them"), (RESET, "does not answer")],
)
def test_a_command_that_cannot_reach_the_store_says_so_in_one_line(
    ecom: Ecom, proxy: Proxy, harm: Harm, told: str
) -> None:
    with proxy.harming(lambda _: harm):
        ended = ecom("status")
    assert (ended.code, ended.out) == (1, "")
    assert told in " ".join(ended.err.split())
    assert "Traceback" not in ended.err


def test_a_bucket_that_does_not_exist_and_wrong_keys_are_told_apart(
    ecom: Ecom, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as wrong:
        wrong.setenv("AWS_SECRET_ACCESS_KEY", "not-the-key")
        refused = ecom("status")
    assert "the AWS credentials are refused" in refused.err
    assert "not-the-key" not in refused.err
    bucket.client.delete_bucket(Bucket=bucket.name)
    missing = ecom("status")
    assert "the bucket does not exist" in missing.err
    assert (refused.code, missing.code) == (1, 1)
