"""
``python -m taketwo``.
"""

from __future__ import annotations

from taketwo.cli.main import run

run()
