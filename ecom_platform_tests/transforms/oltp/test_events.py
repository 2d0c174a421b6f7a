"""Events of the shop's tables: paths of categories."""

from __future__ import annotations

from ecom_platform.transforms.oltp.events import category_paths


def test_a_path_leads_from_the_top_of_the_tree() -> None:
    tree = {1: ("electronics", None), 2: ("audio", 1), 3: ("headphone", 2)}
    assert category_paths(tree) == {
        1: "electronics",
        2: "electronics.audio",
        3: "electronics.audio.headphone",
    }


def test_a_category_without_a_whole_path_has_none() -> None:
    tree = {1: (None, None), 2: ("below no name", 1), 3: ("above is not here", 9)}
    assert category_paths(tree) == {1: None, 2: None, 3: None}


def test_categories_that_are_below_themselves_have_no_path_and_end() -> None:
    tree: dict[int, tuple[str | None, int | None]] = {1: ("a", 2), 2: ("b", 1), 3: ("c", 3)}
    assert category_paths(tree) == {1: None, 2: None, 3: None}
