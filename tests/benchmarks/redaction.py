"""
What it costs to look for secrets: processor time of redaction, as a share of all that a recording costs.

  python -m tests.benchmarks.redaction
  python -m tests.benchmarks.redaction --only json --size 256

A hundred values are known, and every name and every encoding is looked for, as when a test is recorded.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from time import process_time

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.gist import gist_of
from taketwo.cassette.model import Interaction
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.redact import Redactor
from tests.benchmarks.inputs import KINDS, Exchanges
from tests.benchmarks.tables import aligned

_KNOWN = {f"TOKEN_{number}": f"a-value-{number:03}-that-nobody-sent" for number in range(100)}
_ROUNDS = 3


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.redaction",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", metavar="WORD", help="kinds with this word in their name")
    parser.add_argument("--size", type=int, default=64, metavar="N")
    asked = parser.parse_args(arguments)
    rows: list[tuple[str, ...]] = [("", "record, ms", "redaction, ms", "of it")]
    for name, make in KINDS.items():
        if any(word in name for word in asked.only or [""]):
            whole, part = costs(make(asked.size))
            rows.append((name, f"{whole:.1f}", f"{part:.1f}", f"{100 * part / whole:.0f} %"))
            sys.stderr.write("  ".join(rows[-1]) + "\n")
    sys.stdout.write(aligned(rows) + "\n")
    return 0


def costs(exchanges: Exchanges) -> tuple[float, float]:
    """
    Milliseconds that it takes to make a cassette, and of these what looks for secrets and replaces them.
    """
    redactor, bases = Redactor(_KNOWN), BaseUrls({})

    def record() -> object:
        return make_cassette(exchanges, test="a", services={}, redactor=redactor, bases=bases)

    made = make_cassette(exchanges, test="a", services={}, redactor=Redactor({}), bases=bases)
    pairs = [(item.request, item.response) for item in made.interactions]

    def redact() -> object:
        messages = [one for pair in pairs for one in pair]
        reader, found = redactor.having_read(messages, map(gist_of, messages))
        knowing = reader.knowing(found)
        redacted = [(knowing.request(asked), knowing.response(answered)) for asked, answered in pairs]
        kept = [Interaction(*pair) for pair in redacted]
        return kept, knowing.leaks(kept, ["a"] * len(kept))

    return _milliseconds(record), _milliseconds(redact)


def _milliseconds(act: Callable[[], object]) -> float:
    took = []
    for _ in range(_ROUNDS):
        began = process_time()
        act()
        took.append(1000 * (process_time() - began))
    return min(took)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
