"""
Whether what taketwo does grows no faster than what it is given: recordings of every kind at three sizes.

Prints processor time in milliseconds for each step at the largest size, with the exponent of its growth:
1 is linear, 2 is quadratic. What is below a few milliseconds is too short for an exponent.

  python -m tests.benchmarks.cliffs
  python -m tests.benchmarks.cliffs --only json --sizes 16 64 256
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from tests.benchmarks.growth import STEPS, steps
from tests.benchmarks.inputs import KINDS, Exchanges
from tests.benchmarks.tables import aligned

_SIZES = (16, 64, 256)
_SHORT = 4.0  # milliseconds
_STEEP = 1.35
_HOPELESS = 20_000.0  # milliseconds, after which no larger size is tried

Times = Mapping[str, float]


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    kinds = {name: make for name, make in KINDS.items() if any(word in name for word in asked.only or [""])}
    rows: list[tuple[str, ...]] = [("", *STEPS)]
    steep: list[str] = []
    for name, make in kinds.items():
        measured = _measured([(size, make(size)) for size in sorted(asked.sizes)])
        rows.append((name, *(_cell(measured, step) for step in STEPS)))
        steep += [f"{name}: {step}" for step in STEPS if _grows_faster(measured, step)]
        sys.stderr.write("  ".join(rows[-1]) + "\n")
    sizes = ", ".join(map(str, sorted(asked.sizes)))
    lines = [f"milliseconds at the last of the sizes {sizes}, and the exponent of growth", "", aligned(rows)]
    lines += ["", f"faster than the input (exponent above {_STEEP}):", *(steep or ["none"])]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if steep else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.cliffs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", metavar="WORD", help="kinds with this word in their name")
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES, metavar="N")
    return parser


def _measured(inputs: Sequence[tuple[int, Exchanges]]) -> dict[int, Times]:
    found: dict[int, Times] = {}
    for size, exchanges in inputs:
        found[size] = dict(_times(exchanges))
        if sum(found[size].values()) > _HOPELESS:
            break
    return found


def _times(exchanges: Exchanges) -> Iterator[tuple[str, float]]:
    with TemporaryDirectory(prefix="taketwo-cliffs-") as folder:
        os.environ["TAKETWO_CACHE"] = "off"
        for name, act in steps(exchanges, Path(folder)):
            gc.collect()
            took: list[float] = []
            while len(took) < 3 and sum(took) < 200:
                began = process_time()
                act()
                took.append(1000 * (process_time() - began))
            yield name, min(took)


def _cell(measured: Mapping[int, Times], step: str) -> str:
    exponent = _exponent(measured, step)
    took = measured[max(measured)].get(step)
    if took is None:
        return "-"
    shown = f"{took:.1f}"
    return f"{shown} ^{exponent:.1f}" if exponent is not None else shown


def _grows_faster(measured: Mapping[int, Times], step: str) -> bool:
    return (_exponent(measured, step) or 0) > _STEEP


def _exponent(measured: Mapping[int, Times], step: str) -> float | None:
    """
    By which power the time grows between the two largest sizes.
    """
    if len(measured) < 2:
        return math.inf
    before, after = sorted(measured)[-2:]
    took, base = measured[after].get(step, 0), measured[before].get(step, 0)
    return math.log(took / base) / math.log(after / before) if took > _SHORT and base else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
