"""
The releases of other packages that the plugin needs: a later installation may replace them by older ones.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version

import pytest

OLDEST = {"pytest": "8.4", "pytest-recording": "0.14", "vcrpy": "8.3"}
"""The oldest release of each that works; ``pyproject.toml`` has the same."""


def refuse_old_packages() -> None:
    """
    :raises pytest.UsageError: naming every package that is missing or too old, and the command that helps.
    """
    found = {name: _installed(name) for name in OLDEST}
    wrong = {
        name: has for name, has in found.items() if has is None or _numbers(has) < _numbers(OLDEST[name])
    }
    if wrong:
        lines = [
            f"  {name} {'is not installed' if has is None else has}, needed is {OLDEST[name]} or later"
            for name, has in wrong.items()
        ]
        wanted = " ".join(f"'{name}>={OLDEST[name]}'" for name in wrong)
        raise pytest.UsageError(
            "\n".join(
                ["taketwo cannot record or replay with what is installed:", *lines, f"pip install {wanted}"]
            )
        )


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(release: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", release)[:3]]
