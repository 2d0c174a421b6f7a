"""Reason codes and their meaning: every code that a row can carry has its sentence."""

from __future__ import annotations

from itertools import chain
from typing import get_args

from ecom_platform.contracts.clean import REJECTION_RULES
from ecom_platform.contracts.reasons import EVENT_REASONS, LINE_REASONS, REFUSAL_REASONS
from ecom_platform.landing.rejections import RefusalReason, RejectReason


def test_every_reason_has_its_meaning_in_the_order_of_the_rules() -> None:
    assert list(LINE_REASONS) == list(get_args(RejectReason))
    assert list(EVENT_REASONS) == list(REJECTION_RULES)
    assert list(REFUSAL_REASONS) == list(get_args(RefusalReason))


def test_a_meaning_is_a_sentence_of_its_own() -> None:
    meanings = [*chain(LINE_REASONS.values(), EVENT_REASONS.values(), REFUSAL_REASONS.values())]
    assert all(meaning.endswith(".") and len(meaning.split()) > 3 for meaning in meanings)
    # Three ids break alike, each with the name of its column.
    assert len(meanings) == len(set(meanings))
