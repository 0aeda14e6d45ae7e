"""
Results as text: pure functions from values to lines.
"""

from __future__ import annotations

from taketwo.report.line import Code, Line
from taketwo.report.refreshed import Story, change_lines, drift_lines, refresh_lines
from taketwo.report.summary import summary_lines

__all__ = ["Code", "Line", "Story", "change_lines", "drift_lines", "refresh_lines", "summary_lines"]
