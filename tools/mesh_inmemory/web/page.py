"""
The page at /docs: the API document for people, complete in itself.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from mesh_inmemory.javascript import Json

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem }
code { background: #f2f2f2; padding: .1rem .3rem; border-radius: .2rem }
section { border-top: 1px solid #ddd; padding: .8rem 0 }
.method { font-weight: 600; display: inline-block; width: 5rem }
p { margin: .3rem 0 }
table { border-collapse: collapse }
td { padding: .1rem 1rem .1rem 0; vertical-align: top }
"""


def render(document: dict[str, Json]) -> str:
    info = cast("dict[str, str]", document["info"])
    paths = cast("dict[str, dict[str, dict[str, Json]]]", document["paths"])
    schemas = cast("dict[str, dict[str, dict[str, Json]]]", document["components"])["schemas"]
    operations = "".join(
        _operation(method, path, operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(info['title'])}</h1><p>{escape(info['description'])}</p>"
        '<p>For programs: <a href="/docs/docs.json">docs.json</a>.</p>'
        f"<h2>Endpoints</h2>{operations}<h2>Schemas</h2>{''.join(_schema(*item) for item in schemas.items())}"
        "</body></html>"
    )


def _operation(method: str, path: str, operation: dict[str, Json]) -> str:
    answers = cast("dict[str, dict[str, str]]", operation["responses"])
    rows = "".join(
        f"<tr><td>{code}</td><td>{escape(answer['description'])}</td></tr>"
        for code, answer in answers.items()
    )
    return (
        f'<section><span class="method">{method.upper()}</span><code>{escape(path)}</code>'
        f"<p>{escape(str(operation['summary']))}</p><table>{rows}</table></section>"
    )


def _schema(name: str, schema: dict[str, Json]) -> str:
    properties = schema.get("properties")
    names = (
        ", ".join(f"<code>{escape(key)}</code>" for key in properties) if isinstance(properties, dict) else ""
    )
    return f"<section><strong>{escape(name)}</strong><p>{names}</p></section>"
