"""The published shape of the REES46 data as numbers: volumes, shares, curves and distributions.

Belongs here: what ground truth says and the tables derived from it. Not here: drawing events.
Source: REES46 "eCommerce behavior data from multi category store", April 2020 unless noted.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

# Of the month: lines in the file, and how many of them repeat another in all nine columns.
MONTH_ROWS = 66_589_268
MONTH_DAYS = 30
DUPLICATE_SHARE = 134_140 / MONTH_ROWS
COPIES_PER_EVENT = 134_140 / (MONTH_ROWS - 134_140)
# Of the repeated lines; carts by the publication, the small rest split between the other two.
DUPLICATES_BY_TYPE = {"view": 0.045, "cart": 0.95, "purchase": 0.005}

# Of distinct events, with the duplicates taken off the published counts.
DISTINCT_ROWS = MONTH_ROWS - 134_140
CART_SHARE = (3_268_600 - 0.95 * 134_140) / DISTINCT_ROWS
PURCHASE_SHARE = (966_759 - 0.005 * 134_140) / DISTINCT_ROWS

EVENTS_PER_SESSION = 4.6
CARTS_PER_CART_SESSION = 1.63
PURCHASES_PER_BUYING_SESSION = 1.18
PURCHASES_WITHOUT_CART = 1 / 3

BUYING_SESSIONS = PURCHASE_SHARE * EVENTS_PER_SESSION / PURCHASES_PER_BUYING_SESSION
BUYING_WITHOUT_CART = BUYING_SESSIONS * PURCHASES_WITHOUT_CART
BUYING_WITH_CART = BUYING_SESSIONS - BUYING_WITHOUT_CART
CART_SESSIONS = CART_SHARE * EVENTS_PER_SESSION / CARTS_PER_CART_SESSION
CART_ONLY = CART_SESSIONS - BUYING_WITH_CART
VIEWS_PER_SESSION = EVENTS_PER_SESSION * (1 - CART_SHARE - PURCHASE_SHARE)
# Chosen so that the mean of `views_table` is VIEWS_PER_SESSION (a test holds it to that).
VIEWS_MU = 0.3595
VIEWS_SIGMA = 1.4

NULL_SESSION_SHARE = 2 / 1_531_767
SHARED_SESSION_SHARE = 349 / 9_244_421  # October; April is not published
ZERO_PRICE_SHARE = 68_673 / 42_448_764  # October
NULL_BRAND_SHARE = 0.1345
NULL_CODE_SHARE = 0.1014
MEAN_PRICE_CENTS = 28_500
MAX_PRICE_CENTS = 257_407

# 14.4 M sessions a month drawn from this many users show the 4.5 M that were counted.
USERS_PER_MONTHLY_ROW = 0.0782
# Small sets see fewer products, but not in proportion (as in any Zipf-like sample).
CATALOGUE_EXPONENT = 0.35

# Percent of a day's events by UTC hour: low when the shop's users sleep, a peak in their evening.
HOURLY_CURVE = (
    *(0.35, 0.55, 1.2, 2.3, 3.4, 4.3, 4.9, 5.2, 5.4, 5.5, 5.4, 5.3),
    *(5.3, 5.5, 6.0, 6.7, 7.0, 6.7, 5.6, 3.9, 2.3, 1.3, 0.8, 0.5),
)
WEEKDAY_CURVE = (1.0, 1.0, 0.99, 0.98, 0.99, 1.02, 1.03)

TABLE_SIZE = 1 << 16
IntTable = npt.NDArray[np.int64]


def conversion(day: dt.date) -> float:
    """How eager to buy a date is, around 1: a slow wave that rises through April 2020."""
    days = (day - dt.date(2020, 4, 15)).days - 0.5
    return 1 + 0.2 * math.sin(2 * math.pi * days / 60)


def _quantiles(value_at: Callable[[float], float], size: int, cap: int) -> IntTable:
    """Tabulate a distribution: the integer at each of `size` evenly spaced probabilities."""
    points = ((index + 0.5) / size for index in range(size))
    return np.array([min(int(value_at(point)), cap) for point in points], dtype=np.int64)


@lru_cache(maxsize=1)
def views_table() -> IntTable:
    """Views of a session at 65,536 quantiles: median 2, a long tail, the published mean."""
    normal = NormalDist().inv_cdf
    return _quantiles(lambda p: 1 + math.exp(VIEWS_MU + VIEWS_SIGMA * normal(p)), TABLE_SIZE, 150)


@lru_cache(maxsize=1)
def gap_table() -> IntTable:
    """Seconds between two events of a session at 4,096 quantiles: median 33, never below 1."""
    normal = NormalDist(math.log(33.5), 0.95).inv_cdf
    return np.maximum(_quantiles(lambda p: math.exp(normal(p)), 4096, 1200), 1)


@lru_cache(maxsize=2)
def geometric_table(mean: float) -> IntTable:
    """Counts from 1 upwards with that mean, at 65,536 quantiles."""
    survival = math.log(1 - 1 / mean)
    return _quantiles(lambda p: 1 + math.log(1 - p) / survival, TABLE_SIZE, 20)


@lru_cache(maxsize=1)
def extra_copies_table() -> IntTable:
    """Further copies of a repeated event, at 65,536 quantiles: mostly 1, at most 77."""
    weights = np.array([extra**-2.5 for extra in range(1, 78)])
    edges = np.round(np.cumsum(weights) / weights.sum() * TABLE_SIZE).astype(np.int64)
    return np.searchsorted(edges, np.arange(TABLE_SIZE), side="right") + 1
