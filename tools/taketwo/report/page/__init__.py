"""
A refresh as one page that needs nothing but a browser.
"""

from __future__ import annotations

from taketwo.report.page.document import html_page

__all__ = ["html_page"]
