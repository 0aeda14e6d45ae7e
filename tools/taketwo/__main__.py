"""
``python -m taketwo``.
"""

from __future__ import annotations

from taketwo.cli import run

run()
