"""
Results as text: pure functions from values to lines.
"""

from __future__ import annotations

from taketwo.report.compared import compared_json, compared_lines
from taketwo.report.learned import Taught, TaughtRule, learned_lines
from taketwo.report.line import Code, Line
from taketwo.report.listed import Listed, list_lines, listed_json, readable_size
from taketwo.report.placeholders import merged_rules, rule_lines
from taketwo.report.pruned import Pruned, prune_json, prune_lines
from taketwo.report.refreshed import Story, change_lines, drift_lines, refresh_lines
from taketwo.report.scanned import ScannedFile, scan_json, scan_lines
from taketwo.report.shown import cassette_json, cassette_parts
from taketwo.report.summary import summary_lines

__all__ = [
    "Code",
    "Line",
    "Listed",
    "Pruned",
    "ScannedFile",
    "Story",
    "Taught",
    "TaughtRule",
    "cassette_json",
    "cassette_parts",
    "change_lines",
    "compared_json",
    "compared_lines",
    "drift_lines",
    "learned_lines",
    "list_lines",
    "listed_json",
    "merged_rules",
    "prune_json",
    "prune_lines",
    "readable_size",
    "refresh_lines",
    "rule_lines",
    "scan_json",
    "scan_lines",
    "summary_lines",
]
