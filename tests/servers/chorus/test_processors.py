"""
The same bits from every kernel that numpy and OpenBLAS have for this processor, and from every processor.

``digests.json`` holds what the processors computed that this suite has been run on. When the voice is meant
to speak otherwise, write it anew: ``python -m tests.servers.chorus.digests --write``; and record the suite
again.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import pytest
from numpy._core import _multiarray_umath as numpy_kernels  # type: ignore[attr-defined]

from tests.servers.chorus import digests

ROOT: Final = Path(__file__).parents[3]
AVX512: Final = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
# Kernels of OpenBLAS: what each is called once it is chosen, for which machines it is, and which of their
# features it needs.
KERNELS: Final[dict[str, tuple[str, str, set[str]]]] = {
    "Prescott": ("Katmai", "x86_64", {"pni"}),
    "Nehalem": ("Nehalem", "x86_64", {"sse4_2"}),
    "Sandybridge": ("Sandybridge", "x86_64", {"avx"}),
    "Haswell": ("Haswell", "x86_64", {"avx2", "fma"}),
    "Zen": ("Haswell", "x86_64", {"avx2", "fma"}),
    "SkylakeX": ("SkylakeX", "x86_64", AVX512),
    "ARMV8": ("armv8", "aarch64", {"asimd"}),
    "NEOVERSEN1": ("neoversen1", "aarch64", {"asimd"}),
}
# Of numpy: each of these is code of its own, which is chosen where the processor has the feature.
FEATURES: Final = tuple(cast("list[str]", numpy_kernels.__cpu_dispatch__))


@cache
def computed(*options: str, **environment: str) -> dict[str, Any]:
    """
    What another process computes, and with what.
    """
    ours = ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "NPY_DISABLE_CPU_FEATURES")
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    outcome = subprocess.run(
        [sys.executable, "-m", "tests.servers.chorus.digests", *options],
        cwd=ROOT,
        env={**inherited, "OPENBLAS_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    return cast("dict[str, Any]", json.loads(outcome.stdout))


@cache
def flags() -> set[str]:
    """
    What this processor can do, as Linux has it.
    """
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return set()
    lines = (line for line in text.splitlines() if line.startswith(("flags", "Features")))
    return {flag for line in lines for flag in line.split()}


def computed_by(name: str, *options: str) -> dict[str, Any]:
    """
    What a kernel of OpenBLAS computes; OpenBLAS itself would try one that the processor does not have, and
    die.
    """
    called, machine, needed = KERNELS[name]
    if platform.machine() != machine:
        pytest.skip(f"{name} is a kernel for {machine}, and this is {platform.machine()}")
    if digests.blas_kernel() is None:
        pytest.skip("numpy is not on OpenBLAS here")
    if missing := needed - flags():
        pytest.skip(f"this processor has no {', '.join(sorted(missing))}, which {name} needs")
    found = computed(*options, OPENBLAS_CORETYPE=name)
    if found["machine"]["blas"] != called:
        pytest.skip(f"this OpenBLAS was built without {name}: it uses {found['machine']['blas']}")
    return found


def test_this_processor_computes_what_others_did() -> None:
    assert computed()["digests"] == digests.expected()


@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_of_openblas_computes_the_same(name: str) -> None:
    assert computed_by(name)["digests"] == digests.expected()


@pytest.mark.parametrize("feature", FEATURES)
def test_numpy_computes_the_same_without_a_feature(feature: str) -> None:
    """
    And without those above it, which need it.
    """
    there = [name for name in FEATURES if numpy_kernels.__cpu_features__[name]]
    if feature not in there:
        pytest.skip(f"this processor has no {feature}")
    without = there[there.index(feature) :]

    found = computed(NPY_DISABLE_CPU_FEATURES=" ".join(without))

    assert not {*without} & {*found["machine"]["features"]}
    assert found["digests"] == digests.expected()


def test_the_threads_of_a_product_change_nothing() -> None:
    assert computed(OPENBLAS_NUM_THREADS="4")["digests"] == digests.expected()


def test_kernels_do_differ_in_plain_products() -> None:
    """
    The comparison can fail: with the products of numpy itself it would.
    """
    old, new = computed_by("Nehalem", "--plain"), computed_by("Haswell", "--plain")

    assert old["plain"] != new["plain"]
