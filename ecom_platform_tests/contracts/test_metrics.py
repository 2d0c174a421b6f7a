"""The metrics: each says where it stands, in tables and columns that exist."""

from __future__ import annotations

import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.metric import Metric, Place, share, summed
from ecom_platform.contracts.metrics import METRICS

each_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)


@each_metric
def test_a_metric_stands_in_columns_and_rows_that_exist(metric: Metric) -> None:
    assert metric.label
    assert metric.definition.endswith(".")
    for place in metric.places:
        columns = {column.name: column for column in TABLES[place.table].columns}
        assert {place.column, *([place.over] if place.over else [])} <= columns.keys()
        for name, value in place.rows.items():
            assert value in ", ".join(columns[name].accepted).split(", ")
        # A row must be chosen of whatever stands there several times.
        repeated = {"traffic", "breakdown", "unit", "cut"} & set(TABLES[place.table].key)
        assert repeated <= place.rows.keys()


@each_metric
def test_what_adds_up_is_marked_so_in_its_table(metric: Metric) -> None:
    for place in metric.places:
        schema = TABLES[place.table].model.to_schema().columns
        for name in filter(None, (place.column, place.over)):
            is_additive = bool((schema[name].metadata or {}).get("additive"))
            assert is_additive == (metric.is_additive or place.over is not None), name


def test_a_name_is_given_once() -> None:
    assert all(name == metric.name for name, metric in METRICS.items())
    labels = [metric.label for metric in METRICS.values()]
    assert len(set(labels)) == len(labels)


def test_a_quotient_is_that_of_the_sums() -> None:
    metric = share("m", "M", "Of them.", Place("t", "a", "b", {"traffic": "all"}))
    assert metric.expression == "CAST(SUM(a) AS DOUBLE) / NULLIF(SUM(b), 0)"
    assert metric.reference.condition == "traffic = 'all'"
    assert not metric.is_additive
    assert summed("m", "M", "Them.", Place("t", "a")).expression == "SUM(a)"
