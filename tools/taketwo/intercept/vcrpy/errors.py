"""
The error of VCR.py by which projects know that a cassette has no answer.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from taketwo.errors import Unanswered

if TYPE_CHECKING:
    from taketwo.intercept.patching import Replacements

_NAME = "CannotOverwriteExistingCassetteException"


def install(module: ModuleType, replacements: Replacements) -> None:
    """
    Have code that catches the error of VCR.py catch ours.
    """
    replacements.replace(module, _NAME, lambda _: Unanswered)
