"""
The page as one HTML file: style, script and data in it, and nothing that it could load.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from importlib.resources import files

from taketwo.cassette.model import JsonValue
from taketwo.report.page.content import page_content
from taketwo.report.result_text import counts_text, headline
from taketwo.results import RefreshResult

_PLACE = re.compile(r"\{\{(\w+)\}\}")
# What could end the element or open a comment in it, and what JSON allows and a script does not.
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def html_page(report: RefreshResult) -> str:
    """
    The whole page; the same story gives the same page.
    """
    style, script = _file("page.css"), _file("page.js")
    parts = {
        "policy": _policy(style, script),
        "title": html.escape(f"{headline(report)} - taketwo"),
        "headline": html.escape(headline(report)),
        "sum": html.escape(counts_text(report)),
        "style": style,
        "script": script,
        "content": script_json(page_content(report)),
    }
    return _PLACE.sub(lambda found: parts[found[1]], _file("page.html"))


def script_json(value: JsonValue) -> str:
    """
    JSON that may stand in a script element, whatever is in it.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: _ESCAPES.get(found[0], f"\\u{ord(found[0]):04x}"), text)


def _policy(style: str, script: str) -> str:
    """
    The page's own style and script by their hashes, sounds out of its own data, and nothing else at all.
    """
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _file(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
