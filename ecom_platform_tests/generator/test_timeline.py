"""Hours of events: what is lost, what is shared, and that no two events are alike by chance."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from ecom_platform.generator import GeneratorConfig
from ecom_platform.generator.shapes import CART, PURCHASE, VIEW, draw_shapes
from ecom_platform.generator.streams import Purpose, Stream
from ecom_platform.generator.timeline import HourOfEvents, Timeline
from ecom_platform.generator.world import World, build_world
from ecom_platform_tests.generator.conftest import Generated
from ecom_platform_tests.generator.recount import lines_of

DAY = dt.date(2020, 4, 20)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(GeneratorConfig(DAY, DAY, rows=100_000))


@pytest.fixture(scope="module")
def evening(world: World) -> HourOfEvents:
    return Timeline(world).hour(world.first_hour + 16)


def test_an_hour_is_the_same_whatever_was_asked_before(world: World) -> None:
    timeline = Timeline(world)
    for hour in (20, 3, 16):
        events = timeline.hour(world.first_hour + hour)
    alone = Timeline(world).hour(world.first_hour + 16)
    assert np.array_equal(events.product, alone.product)
    assert np.array_equal(events.visitors[events.visitor[:9]], alone.visitors[alone.visitor[:9]])


def test_events_of_a_session_have_different_times(evening: HourOfEvents) -> None:
    distinct = ~evening.is_copy
    keys = evening.visitor[distinct].astype(np.int64) * 3600 + evening.second[distinct]
    assert len(np.unique(keys)) == len(keys) > 5_000


def test_copies_repeat_the_row_before_them_in_all_columns(evening: HourOfEvents) -> None:
    copies = np.flatnonzero(evening.is_copy)
    assert len(copies) > 5
    for column in ("second", "event_type", "product", "cents", "visitor"):
        values = getattr(evening, column)
        assert np.array_equal(values[copies], values[copies - 1])


def test_session_ids_are_all_different(evening: HourOfEvents) -> None:
    sessions = {row.tobytes()[10:] for row in evening.visitors}
    # A session that changes its user has two visitors; nothing else shares an id.
    assert len(evening.visitors) - len(sessions) <= 4


def test_a_lost_event_type_leaves_the_other_types_untouched(world: World) -> None:
    whole, reduced = Timeline(world), Timeline(world, {DAY: {PURCHASE}})
    lost = left = 0
    for hour in range(world.first_hour + 8, world.first_hour + 20):
        with_all, without = whole.hour(hour), reduced.hour(hour)
        for code in (VIEW, CART):
            assert np.array_equal(
                with_all.product[with_all.event_type == code],
                without.product[without.event_type == code],
            )
        lost += without.lost_rows[PURCHASE]
        left += int((without.event_type == PURCHASE).sum())
        assert with_all.lost_rows == (0, 0, 0)
        assert len(with_all.second) == len(without.second) + sum(without.lost_rows)
    assert lost > 800
    assert left < 0.01 * lost


def test_lost_types_are_missing_from_the_files_of_their_date(faulty: Generated) -> None:
    def types(day: int) -> list[bytes]:
        lines = lines_of(faulty.folder / f"events_2020-04-{day}.csv.gz")
        return [line.split(b",")[1] for line in lines if line.count(b",") == 8]

    assert types(19).count(b"purchase") > 50
    assert types(19).count(b"cart") > 200
    assert types(20).count(b"purchase") + types(20).count(b"cart") <= 5
    assert types(20).count(b"view") > 8_000
    lost = {lost.event_type: lost for lost in faulty.report.lost}
    assert set(lost) == {"purchase", "cart"}
    assert lost["cart"].rows > 200
    assert lost["purchase"].event_date == DAY


def test_carts_and_purchases_follow_a_view_of_their_product() -> None:
    shapes = draw_shapes(Stream(1, Purpose.SESSIONS), 2_000, conversion=1.0)
    positions, types = shapes.anchored()
    source = shapes.viewed_before(positions, types)
    acts = set(positions.tolist())
    assert len(positions) > 300
    assert (source < positions).all()
    assert (shapes.owner[source] == shapes.owner[positions]).all()
    assert not acts & set(source.tolist())


def test_the_other_world_of_truncated_files_has_the_same_products(world: World) -> None:
    config = GeneratorConfig(DAY, DAY, rows=100_000)
    other = build_world(config, salt=1)
    assert other.assortment.catalogue is world.assortment.catalogue
    hour = world.first_hour + 12
    one, two = Timeline(world).hour(hour), Timeline(other).hour(hour)
    assert one.visitors[50].tobytes() != two.visitors[50].tobytes()
