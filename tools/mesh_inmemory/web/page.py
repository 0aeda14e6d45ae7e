"""
The page at /docs: the API document for people, complete in itself.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from typing import TypeAlias

    from mesh_inmemory.javascript import Json

    Described: TypeAlias = dict[str, dict[str, Json]]

_STYLE: Final = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem }
h3, h4 { font-size: 1rem; margin: .3rem 0 }
h4 { font-weight: 400; opacity: .7 }
code { background: #8882; padding: .1rem .3rem; border-radius: .2rem }
section { border-top: 1px solid #8886; padding: .8rem 0 }
.method { font-weight: 600; display: inline-block; width: 5rem }
p { margin: .3rem 0 }
table { border-collapse: collapse }
td { padding: .1rem 1rem .1rem 0; vertical-align: top }
"""


def render(document: dict[str, Json]) -> str:
    info = cast("dict[str, str]", document["info"])
    paths = cast("dict[str, dict[str, dict[str, Json]]]", document["paths"])
    components = cast("dict[str, Described]", document["components"])
    schemas, parameters = components["schemas"], components["parameters"]
    operations = "".join(
        _operation(method, path, operation, parameters)
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


def _operation(method: str, path: str, operation: dict[str, Json], parameters: Described) -> str:
    answers = cast("dict[str, dict[str, Json]]", operation["responses"])
    used = cast("list[dict[str, Json]]", operation.get("parameters", []))
    asked = "".join(_parameter(_resolved(parameter, parameters)) for parameter in used)
    body = _body(operation)
    told = "".join(
        _row(code, str(answer["description"]), _schema_link(answer)) for code, answer in answers.items()
    )
    entry = "Needs a secret or a bearer token, where they are configured." if "security" in operation else ""
    return (
        f'<section><h3><span class="method">{method.upper()}</span><code>{escape(path)}</code></h3>'
        f"<p>{escape(str(operation['summary']))}. {entry}</p>"
        f"<table>{asked}{body}</table><h4>Answers</h4><table>{told}</table></section>"
    )


def _resolved(parameter: dict[str, Json], parameters: Described) -> dict[str, Json]:
    reference = parameter.get("$ref")
    return parameters[reference.rpartition("/")[2]] if isinstance(reference, str) else parameter


def _parameter(parameter: dict[str, Json]) -> str:
    schema = parameter.get("schema")
    default = schema.get("default") if isinstance(schema, dict) else None
    more = "" if default is None else f" ({default} unless given)"
    return _row(str(parameter["name"]), f"{parameter['description']}{more}", escape(str(parameter["in"])))


def _body(operation: dict[str, Json]) -> str:
    body = operation.get("requestBody")
    return _row("body", "JSON", _schema_link(body)) if isinstance(body, dict) else ""


def _schema_link(holder: dict[str, Json]) -> str:
    """
    A link to the schema of a body or an answer; the place of a schema is its name.
    """
    content = cast("dict[str, dict[str, dict[str, Json]]]", holder.get("content") or {})
    names = [str(media["schema"].get("$ref", "")).rpartition("/")[2] for media in content.values()]
    return ", ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names if name)


def _row(name: str, text: str, more: str) -> str:
    """
    A row of a table; *more* is HTML already.
    """
    return f"<tr><td><code>{escape(name)}</code></td><td>{escape(text)}</td><td>{more}</td></tr>"


def _schema(name: str, schema: dict[str, Json]) -> str:
    properties = schema.get("properties")
    names = (
        ", ".join(f"<code>{escape(key)}</code>" for key in properties) if isinstance(properties, dict) else ""
    )
    return f'<section id="{escape(name)}"><h3>{escape(name)}</h3><p>{names}</p></section>'
