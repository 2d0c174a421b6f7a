"""Who a session belongs to, as text: user id and session id, the last two fields of its lines.

Belongs here: users and UUIDs. Not here: what happens in a session (sessions.py).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecom_platform.generator.streams import Ints, Stream

Bytes = npt.NDArray[np.uint8]

USER_DIGITS = 9
# "123456789," and "01234567-0123-4123-8123-0123456789ab\n"
VISITOR_BYTES = 47
NULL_VISITOR_BYTES = 11
_UUID_GROUPS = ((10, 0, 8), (19, 8, 12), (24, 12, 16), (29, 16, 20), (34, 20, 32))
_HEX = np.array([f"{byte:02x}".encode() for byte in range(256)], dtype="S2").view("<u2")
_POWERS_OF_TEN = 10 ** np.arange(USER_DIGITS - 1, -1, -1)


def draw_users(stream: Stream, users: int, count: int) -> Ints:
    """User ids of `count` sessions: a few users have many, most have one or two.

    A user's rank is spread over 9-digit ids by an odd multiplier, which maps no two to one.
    """
    bits = stream.below(1 << 31, count)
    rank = ((bits * bits) >> 31) * users >> 31
    return user_ids(rank)


def user_ids(rank: Ints) -> Ints:
    """User ids of ranks in the order of activity."""
    return 380_000_000 + ((rank * 0x9E3779B1) & ((1 << 28) - 1))


def draw_visitors(stream: Stream, user_id: Ints) -> Bytes:
    """A new session for each user: one row of VISITOR_BYTES characters each."""
    count = len(user_id)
    raw = stream.words(2 * count).view(np.uint8).reshape(count, 16)
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40  # UUID version 4, RFC 9562
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    digits = _HEX[raw].view(np.uint8).reshape(count, 32)
    text = np.full((count, VISITOR_BYTES), ord("-"), dtype=np.uint8)
    write_users(text, user_id)
    for place, begin, end in _UUID_GROUPS:
        text[:, place : place + end - begin] = digits[:, begin:end]
    text[:, -1] = ord("\n")
    return text


def write_users(text: Bytes, user_id: Ints) -> None:
    """Write the user ids and their comma into the first characters of visitor rows."""
    text[:, :USER_DIGITS] = user_id[:, None] // _POWERS_OF_TEN % 10 + ord("0")
    text[:, USER_DIGITS] = ord(",")


def without_session(visitors: Bytes) -> Bytes:
    """The same users with an empty session id."""
    text = visitors[:, :NULL_VISITOR_BYTES].copy()
    text[:, -1] = ord("\n")
    return text
