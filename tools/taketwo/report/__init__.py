"""
Results as text: pure functions from values to lines, documents and pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from taketwo.contents import on_demand

if TYPE_CHECKING:
    from taketwo.report.annotations import annotation_lines, muted
    from taketwo.report.compared import compared_json, compared_lines
    from taketwo.report.differing import difference_lines
    from taketwo.report.hygiene import hygiene_lines
    from taketwo.report.impacted import (
        Share,
        Touching,
        Wrong,
        coverage_json,
        coverage_lines,
        impact_json,
        impact_lines,
    )
    from taketwo.report.junit import refresh_junit
    from taketwo.report.learned import Taught, TaughtRule, learned_json, learned_lines
    from taketwo.report.line import Code, Line
    from taketwo.report.listed import Listed, list_lines, listed_json, readable_size
    from taketwo.report.machine import refresh_json
    from taketwo.report.markdown import refresh_markdown
    from taketwo.report.mutated import MutationReport, TestOfMutants, mutation_json, mutation_lines
    from taketwo.report.page import html_page
    from taketwo.report.placeholders import merged_rules, rule_lines
    from taketwo.report.pruned import Pruned, prune_json, prune_lines
    from taketwo.report.refreshed import behaviour, cause_lines, change_lines, drift_lines, refresh_lines
    from taketwo.report.scanned import ScannedFile, scan_json, scan_lines
    from taketwo.report.shown import Chosen, cassette_json, cassette_parts
    from taketwo.report.story import Case, Cause, Story, cause_id
    from taketwo.report.summary import summary_lines
else:
    __getattr__ = on_demand(
        __name__,
        {
            "annotations": ("annotation_lines", "muted"),
            "compared": ("compared_json", "compared_lines"),
            "differing": ("difference_lines",),
            "hygiene": ("hygiene_lines",),
            "impacted": (
                "Share",
                "Touching",
                "Wrong",
                "coverage_json",
                "coverage_lines",
                "impact_json",
                "impact_lines",
            ),
            "junit": ("refresh_junit",),
            "learned": ("Taught", "TaughtRule", "learned_json", "learned_lines"),
            "line": ("Code", "Line"),
            "listed": ("Listed", "list_lines", "listed_json", "readable_size"),
            "machine": ("refresh_json",),
            "markdown": ("refresh_markdown",),
            "mutated": ("MutationReport", "TestOfMutants", "mutation_json", "mutation_lines"),
            "page": ("html_page",),
            "placeholders": ("merged_rules", "rule_lines"),
            "pruned": ("Pruned", "prune_json", "prune_lines"),
            "refreshed": ("behaviour", "cause_lines", "change_lines", "drift_lines", "refresh_lines"),
            "scanned": ("ScannedFile", "scan_json", "scan_lines"),
            "shown": ("Chosen", "cassette_json", "cassette_parts"),
            "story": ("Case", "Cause", "Story", "cause_id"),
            "summary": ("summary_lines",),
        },
    )

__all__ = [
    "Case",
    "Cause",
    "Chosen",
    "Code",
    "Line",
    "Listed",
    "MutationReport",
    "Pruned",
    "ScannedFile",
    "Share",
    "Story",
    "Taught",
    "TaughtRule",
    "TestOfMutants",
    "Touching",
    "Wrong",
    "annotation_lines",
    "behaviour",
    "cassette_json",
    "cassette_parts",
    "cause_id",
    "cause_lines",
    "change_lines",
    "compared_json",
    "compared_lines",
    "coverage_json",
    "coverage_lines",
    "difference_lines",
    "drift_lines",
    "html_page",
    "hygiene_lines",
    "impact_json",
    "impact_lines",
    "learned_json",
    "learned_lines",
    "list_lines",
    "listed_json",
    "merged_rules",
    "mutation_json",
    "mutation_lines",
    "muted",
    "prune_json",
    "prune_lines",
    "readable_size",
    "refresh_json",
    "refresh_junit",
    "refresh_lines",
    "refresh_markdown",
    "rule_lines",
    "scan_json",
    "scan_lines",
    "summary_lines",
]
