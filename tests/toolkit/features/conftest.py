"""
The project of the commands' tests.
"""

from __future__ import annotations

from tests.toolkit.cli.conftest import kept

__all__ = ["kept"]
