"""
Whether a test is as it was when something was kept of it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

_DIGITS: Final = 12


def source_digest(root: Path, test: str) -> str:
    """
    A digest of the module of *test* and of the conftest.py files around it; empty where there is none.
    """
    module = root / test.partition("::")[0]
    if not module.is_file():
        return ""
    folders = [folder for folder in module.parents if folder == root or root in folder.parents]
    conftests = [folder / "conftest.py" for folder in folders]
    digest = hashlib.sha256()
    for path in (module, *(path for path in conftests if path.is_file())):
        # A checkout of git may have other line ends.
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:_DIGITS]
