"""What the lake holds of single rows of the shop as of a moment: later changes left out.

Belongs here: the states that a row may have had at a moment, and how far the log has come. Not
here: sums of whole tables (checksums.py), verdicts (agreement.py).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts.oltp import CURRENT_OLTP, RAW_OLTP
from ecom_platform.pipeline.shop.checksums import ask_rows
from ecom_platform.pipeline.shop.fold import changes_of

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake

# Others see a commit some time after it is given its time, and clocks are set: a change this close
# to a moment may lie on either side of it.
UNSURE = dt.timedelta(minutes=1)
# A file that does not tell when its changes were committed was written at most so long after.
WRITTEN_WITHIN = dt.timedelta(hours=1)

# On which side of the moment a change lies.
_BEFORE, _UNSURE, _AFTER = "before", "unsure", "after"
_DIGEST_LENGTH = 16
# The rows of some keys. All parts are made from contracts.
_MINE = f"""
WITH keyed AS (SELECT *, {{key}} AS row_key FROM {{table}}),
digested AS (
    SELECT *, substr(sha256($salt || ' ' || row_key), 1, {_DIGEST_LENGTH}) AS digest FROM keyed
),
mine AS (SELECT * FROM digested WHERE digest IN (SELECT unnest($digests::VARCHAR[])))
"""  # noqa: S608
_ROWS = f"{_MINE} SELECT digest, row_key, {{date}}, {{checksum}} FROM mine"  # noqa: S608
# In the order of transforms/oltp/fold.py, but the oldest change first.
_CHANGES = f"""{_MINE}
SELECT digest, row_key, CASE WHEN op <> 'D' THEN {{date}} END, {{checksum}},
    CASE
        WHEN is_full_load THEN '{_BEFORE}'
        WHEN coalesce(committed_at, written_at) + $unsure <= $moment THEN '{_BEFORE}'
        WHEN coalesce(committed_at - $unsure, written_at - $within) > $moment THEN '{_AFTER}'
        ELSE '{_UNSURE}'
    END
FROM (
    SELECT *,
        bool_and(is_full_load OR change_seq IS NOT NULL) OVER (PARTITION BY digest) AS all_ordered
    FROM mine WHERE written_at >= coalesce($load_began_at::TIMESTAMPTZ, written_at)
)
ORDER BY digest, NOT is_full_load, CASE WHEN all_ordered THEN change_seq END NULLS FIRST,
    committed_at NULLS FIRST, written_at, source_object, source_row
"""  # noqa: S608

# The date that a row is counted by, and its checksum; None where there is no row.
State = tuple[str, int] | None
_Change = tuple[str | None, int, str]


@dataclass(frozen=True)
class History:
    """A row at a moment.

    Attributes:
        key: its key as text.
        states: those that it may have had then, by the changes that have arrived.
    """

    key: str
    states: frozenset[State]

    def may_have_been(self, date: str, checksum: int | None) -> bool:
        """Whether a date may have held the row with this checksum; with None, not held it."""
        return checksum in {
            state[1] if state is not None and state[0] == date else None for state in self.states
        }


def key_digest(salt: str, key: str) -> str:
    """What stands for a key where keys are not to be kept."""
    return hashlib.sha256(f"{salt} {key}".encode()).hexdigest()[:_DIGEST_LENGTH]


def histories(
    lake: Lake, table: str, salt: str, digests: Collection[str], moment: dt.datetime
) -> dict[str, History]:
    """What single rows may have been at a moment, by the digests of their keys.

    A row that nothing has changed since is what oltp_<table> holds. Of others the changes up to
    the moment are followed; where it cannot be told on which side of it a change lies, the row may
    have had either state. The moment must not lie before the present full load.

    Args:
        lake: the lake.
        table: the shop's table.
        salt: of the digests.
        digests: of the keys; one that the lake has never seen is not in the result.
        moment: a time of the shop's database.
    """
    wanted: dict[str, Any] = {"salt": salt, "digests": sorted(digests)}
    found = {
        digest: History(key, frozenset([(date, checksum)]))
        for digest, key, date, checksum in ask_rows(lake, table, CURRENT_OLTP, _ROWS, wanted)
    }
    times = {"unsure": UNSURE, "within": WRITTEN_WITHIN, "moment": moment}
    wanted |= {**times, "load_began_at": changes_of(lake, table).load_began_at}
    keys: dict[str, str] = {}
    changes: dict[str, list[_Change]] = defaultdict(list)
    for digest, key, *change in ask_rows(lake, table, RAW_OLTP, _CHANGES, wanted):
        keys[digest] = key
        changes[digest].append((change[0], change[1], change[2]))
    for digest, of_row in changes.items():
        if any(side != _BEFORE for _, _, side in of_row):
            found[digest] = History(keys[digest], _states(of_row))
        elif digest not in found:
            found[digest] = History(keys[digest], frozenset([None]))
    return found


def _states(changes: Sequence[_Change]) -> frozenset[State]:
    """The states after each of the changes that may have been the last one at the moment."""
    states = [None, *((date, checksum) if date else None for date, checksum, _ in changes)]
    sides = [side for _, _, side in changes]
    surely_seen = max((n + 1 for n, side in enumerate(sides) if side == _BEFORE), default=0)
    first_unseen = sides.index(_AFTER) if _AFTER in sides else len(sides)
    first, last = sorted((surely_seen, first_unseen))
    return frozenset(states[first : last + 1])


def newest_commit(lake: Lake) -> dt.datetime:
    """How far the log has come that the lake holds: the time of the newest commit of any table.

    Of a file that does not tell it, when it was written.
    """
    newest = dt.datetime.fromtimestamp(0, tz=dt.UTC)
    for version in lake.existing_tables([raw.name for raw in RAW_OLTP.values()]).values():
        for file in version.files():
            newest = max(newest, file.bounds("committed_at")[1] or file.bounds("written_at")[1])
    return newest
