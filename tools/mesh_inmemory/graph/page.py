"""
The page that a browser gets at /graphql: a place to type a query, complete in itself.
"""

from __future__ import annotations

from typing import Final

PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Mesh GraphQL</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
textarea, pre, input { width: 100%; box-sizing: border-box; font: 14px/1.4 ui-monospace, monospace }
textarea { height: 12rem }
</style></head><body><h1>Mesh GraphQL</h1>
<label>x-mesh-secret <input id="secret" type="password"></label>
<textarea id="query" aria-label="query">{ notionModel(limit: 10) { page_id type content } }</textarea>
<button id="run">Run</button><pre id="answer"></pre>
<script>
document.getElementById("run").onclick = async () => {
  const value = id => document.getElementById(id).value
  const headers = {"content-type": "application/json", "x-mesh-secret": value("secret")}
  const answer = await fetch("", {method: "POST", headers, body: JSON.stringify({query: value("query")})})
  document.getElementById("answer").textContent = JSON.stringify(await answer.json(), null, 2)
}
</script></body></html>
"""
