"""What the document keeps of earlier runs: sections of contenders that did not run this time.

Belongs here: taking the document apart and putting it together. Not here: words, numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MEASURED_WITH = "Measured with"


def put_together(
    new: Mapping[str, str], run: str, facts: str, previous: str, order: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Sections of now and those that are kept, each with the run that it is from.

    Args:
        new: text by heading, of what was measured now.
        run: what this run is called.
        facts: what it was measured with.
        previous: the document as it was, or nothing.
        order: the headings of what is measured, in their order; others are not kept.

    Returns:
        The sections, and what each run that they are from was measured with.
    """
    old = parts(previous, "## ")
    runs = parts(old.get(MEASURED_WITH, ""), "### ") | {run: facts}
    found = old | {heading: f"{text}\n\n*{run}*" for heading, text in new.items()}
    sections = {heading: found[heading] for heading in order if heading in found}
    used = {name for name in runs if any(f"*{name}*" in text for text in sections.values())}
    return sections, {name: told for name, told in runs.items() if name in used}


def parts(text: str, mark: str) -> dict[str, str]:
    """What stands below each heading of a rank."""
    pieces = re.split(f"^{mark}", text, flags=re.MULTILINE)[1:]
    divided = (piece.partition("\n") for piece in pieces)
    return {heading.strip(): below.strip() for heading, _, below in divided}


def joined(sections: Mapping[str, str], mark: str) -> str:
    """Sections below their headings."""
    return "\n\n".join(f"{mark}{heading}\n\n{text.strip()}" for heading, text in sections.items())
