"""Two small objects whose lines have every fate, for the tests that trace them.

Belongs here: the objects. Not here: what should be told of them.
"""

from __future__ import annotations

from ecom_platform_tests.samples import at

A, B = "events/a.csv", "events/b.csv"
FREE = {"price": "0.00"}
BARE = {"brand": "", "category_code": ""}

# Lines of a.csv, from line 2 on.
LINES = [
    at(1),
    at(1),
    {**at(2), **FREE},
    {**at(2), **FREE},
    {**at(3), "price": "dear"},
    "no,event",
    {**at(4), **BARE},
]
