"""
Results as text: pure functions from values to lines.
"""

from __future__ import annotations

from taketwo.report.summary import summary_lines

__all__ = ["summary_lines"]
