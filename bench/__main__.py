"""`python -m bench`: measure, print, and on demand write docs/benchmarks.md.

Belongs here: from the command line to an exit code. Not here: anything that takes time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bench.document import DOCUMENT, render, summary
from bench.machine import describe_machine, describe_versions
from bench.options import read_options
from bench.session import NotEnoughDisk, run_bench, say


def main(arguments: Sequence[str]) -> int:
    """Run the bench. Exit codes: 0 all well, 1 something failed or differs, 2 wrong usage."""
    options = read_options(arguments)
    try:
        report = run_bench(options)
    except NotEnoughDisk as fault:
        say(str(fault))
        return 1
    print(summary(report))
    for text in report.disagreements:
        say(f"DISAGREEMENT: {text}")
    if options.publish and report.disagreements:
        say("nothing is published: contenders that disagree did not do the same work")
    elif options.publish:
        previous = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.is_file() else ""
        text = render(report, describe_machine(), describe_versions(), previous)
        DOCUMENT.write_text(text, encoding="utf-8")
        say(f"wrote {DOCUMENT}")
    return 0 if report.succeeded else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
