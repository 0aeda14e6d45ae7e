"""
The command line: the composition root of a terminal, one module for each command.
"""

from __future__ import annotations

from taketwo.cli.dispatch import main, run

__all__ = ["main", "run"]
