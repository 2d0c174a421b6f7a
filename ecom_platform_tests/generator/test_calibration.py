"""The generated month against the published figures, within what 300,000 rows can tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest

from ecom_platform.generator import calibration

Ask = Callable[[str], tuple]

# At 300,000 rows a share of 0.1 is known to about 0.0005; sessions and products are not drawn one
# by one, so the tolerances are several times that.


def test_the_volume_is_what_was_asked_for(ask: Ask) -> None:
    assert ask("SELECT count(*) FROM events")[0] == pytest.approx(300_000, rel=0.02)


def test_views_carts_and_purchases_have_the_published_shares(ask: Ask) -> None:
    shares = ask(
        "SELECT avg((event_type = 'view')::INT), avg((event_type = 'cart')::INT), "
        "avg((event_type = 'purchase')::INT) FROM events"
    )
    assert shares[0] == pytest.approx(62_353_909 / 66_589_268, rel=0.005)
    assert shares[1] == pytest.approx(3_268_600 / 66_589_268, rel=0.06)
    assert shares[2] == pytest.approx(966_759 / 66_589_268, rel=0.06)
    assert sum(shares) == pytest.approx(1)


def test_sessions_have_a_median_of_two_events_and_a_long_tail(ask: Ask) -> None:
    mean, median, ninetieth, most = ask(
        "SELECT avg(n), median(n), quantile_cont(n, 0.9), max(n) FROM "
        "(SELECT count(*) n FROM events GROUP BY user_session, user_id)"
    )
    assert mean == pytest.approx(4.6, rel=0.03)
    assert median == 2
    assert 8 <= ninetieth <= 12
    assert most > 200


def test_a_third_of_purchases_have_no_cart_in_their_session(ask: Ask) -> None:
    share = ask(
        "SELECT sum(bought) FILTER (NOT carted) / sum(bought) FROM (SELECT "
        "count(*) FILTER (event_type = 'purchase') bought, bool_or(event_type = 'cart') carted "
        "FROM events GROUP BY user_session, user_id)"
    )[0]
    assert share == pytest.approx(1 / 3, rel=0.1)


def test_nulls_have_the_published_shares_and_only_three_columns_have_any(ask: Ask) -> None:
    nulls = ask(
        "SELECT avg((brand IS NULL)::INT), avg((category_code IS NULL)::INT), "
        "count(*) FILTER (user_session IS NULL), count(*) - count(event_time), "
        "count(*) - count(product_id), count(*) - count(category_id), count(*) - count(price), "
        "count(*) - count(user_id), count(*) - count(event_type) FROM events"
    )
    assert nulls[0] == pytest.approx(0.1345, abs=0.01)
    assert nulls[1] == pytest.approx(0.1014, abs=0.005)
    assert nulls[2:] == (2, 0, 0, 0, 0, 0, 0)


def test_zero_prices_are_rare_and_never_on_a_purchase(ask: Ask) -> None:
    share, bought, lowest, highest, mean = ask(
        "SELECT avg((p = 0)::INT), count(*) FILTER (p = 0 AND event_type = 'purchase'), min(p), "
        "max(p), avg(p) FROM (SELECT event_type, price::DOUBLE p FROM events)"
    )
    assert share == pytest.approx(0.0016, rel=0.4)
    assert (bought, lowest) == (0, 0)
    assert 1_500 < highest <= 2_574.07
    assert mean == pytest.approx(283, rel=0.06)


def test_duplicates_come_in_groups_mostly_of_carts(ask: Ask) -> None:
    share, carts, largest = ask(
        "SELECT sum(n - 1) / sum(n), sum(n - 1) FILTER (event_type = 'cart') / sum(n - 1), max(n) "
        "FROM (SELECT *, count(*) n FROM events GROUP BY ALL)"
    )
    assert share == pytest.approx(134_140 / 66_589_268, rel=0.35)
    assert carts > 0.9
    assert 10 < largest <= 78


def test_a_product_keeps_brand_and_category_and_has_one_price_a_day(ask: Ask) -> None:
    assert ask(
        "SELECT max(brands), max(ids), max(codes) FROM (SELECT count(DISTINCT brand) brands, "
        "count(DISTINCT category_id) ids, count(DISTINCT category_code) codes "
        "FROM events GROUP BY product_id)"
    ) == (1, 1, 1)
    assert ask(
        "SELECT max(n) FROM (SELECT count(DISTINCT price) n FROM events "
        "GROUP BY product_id, left(event_time, 10))"
    ) == (1,)


def test_prices_drift_slowly(ask: Ask) -> None:
    prices, swing = ask(
        "SELECT max(n), max(highest / lowest) FROM (SELECT count(DISTINCT price) n, "
        "max(price::DOUBLE) highest, min(price::DOUBLE) lowest FROM events "
        "WHERE price <> '0.00' GROUP BY product_id)"
    )
    assert 5 < prices < 12
    assert 1.05 < swing < 1.14


def test_the_catalogue_has_the_published_size(ask: Ask) -> None:
    ids, codes, never = ask(
        "SELECT count(*), count(DISTINCT code), count(*) FILTER (code IS NULL) FROM "
        "(SELECT category_id, any_value(category_code) code FROM events GROUP BY category_id)"
    )
    brands, products = ask("SELECT count(DISTINCT brand), count(DISTINCT product_id) FROM events")
    assert 660 <= ids <= 690
    assert 129 <= codes <= 139
    assert 380 <= never <= 409
    assert 3_000 <= brands <= 4_300
    assert products > 20_000


def test_popularity_is_zipf_like(ask: Ask) -> None:
    first, hundred, all_products = ask(
        "SELECT max(n), sum(n) FILTER (place <= 100), sum(n) FROM (SELECT count(*) n, "
        "row_number() OVER (ORDER BY count(*) DESC) place FROM events GROUP BY product_id)"
    )
    assert 0.01 < first / all_products < 0.05
    assert 0.15 < hundred / all_products < 0.45


def test_there_are_crawlers_and_sessions_that_live_for_weeks(ask: Ask) -> None:
    crawlers, weeks = ask(
        "SELECT count(*) FILTER (n > 200 AND bought = 0 AND hours <= 1), count(*) FILTER "
        "(hours > 7 * 24) FROM (SELECT count(*) n, count(*) FILTER (event_type <> 'view') bought, "
        "date_diff('hour', min(left(event_time, 19)::TIMESTAMP), "
        "max(left(event_time, 19)::TIMESTAMP)) AS hours FROM events "
        "WHERE user_session IS NOT NULL GROUP BY user_session)"
    )
    assert (crawlers, weeks) == (3, 2)


def test_some_session_ids_are_shared_by_two_users(ask: Ask) -> None:
    shared, most = ask(
        "SELECT count(*) FILTER (users = 2), max(users) FROM (SELECT "
        "count(DISTINCT user_id) users FROM events WHERE user_session IS NOT NULL "
        "GROUP BY user_session)"
    )
    assert shared >= 2
    assert most == 2


def test_users_come_back(ask: Ask) -> None:
    users, sessions = ask(
        "SELECT count(DISTINCT user_id), count(DISTINCT user_session) FROM events"
    )
    assert sessions / users == pytest.approx(14_450_000 / 4_509_623, rel=0.05)


def test_nights_are_quiet_and_evenings_busy(ask: Ask) -> None:
    night, evening, weekly = ask(
        "SELECT avg((hour = 0)::INT), avg((hour = 16)::INT), count(DISTINCT hour) FROM "
        "(SELECT substr(event_time, 12, 2)::INT AS hour FROM events)"
    )
    assert night < 0.01
    assert 0.06 < evening < 0.08
    assert weekly == 24


def test_purchases_rise_through_april_while_views_do_not(ask: Ask) -> None:
    early, late, views_early, views_late = ask(
        "SELECT count(*) FILTER (event_type = 'purchase' AND day <= 10), "
        "count(*) FILTER (event_type = 'purchase' AND day > 20), "
        "count(*) FILTER (event_type = 'view' AND day <= 10), "
        "count(*) FILTER (event_type = 'view' AND day > 20) "
        "FROM (SELECT event_type, substr(event_time, 9, 2)::INT AS day FROM events)"
    )
    assert 1.15 < late / early < 1.6
    assert 0.9 < views_late / views_early < 1.1


def test_the_tables_have_the_means_they_are_made_for() -> None:
    assert calibration.views_table().mean() == pytest.approx(
        calibration.VIEWS_PER_SESSION, rel=0.001
    )
    assert np.median(calibration.views_table()) == 2
    assert calibration.geometric_table(1.63).mean() == pytest.approx(1.63, rel=0.001)
    assert np.median(calibration.gap_table()) == pytest.approx(33, abs=1)
    assert calibration.gap_table().min() == 1
    assert calibration.extra_copies_table().max() == 77


def test_the_wave_of_conversion_levels_out_over_april() -> None:
    april = [calibration.conversion(dt.date(2020, 4, day)) for day in range(1, 31)]
    assert np.mean(april) == pytest.approx(1, abs=0.001)
    assert min(april) == april[0] > 0.75
    assert max(april) == april[-1] < 1.25
