"""
Changes of GraphQL schemas beside those that graphql-inspector finds: it misses none that breaks, nor do we.

Run where node is, and the package in a folder that GRAPHQL_INSPECTOR names:
``npm install @graphql-inspector/core graphql`` there. GRAPHQL_INSPECTOR_PAIRS is how many pairs are made up.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from taketwo.contract.changes import Kind, Severity
from taketwo.contract.comparing import changes_between
from taketwo.contract.document import Contract

FOLDER: Final = Path(os.environ.get("GRAPHQL_INSPECTOR", "node_modules-are-not-here"))
PAIRS: Final = int(os.environ.get("GRAPHQL_INSPECTOR_PAIRS", "200"))

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (FOLDER / "node_modules/@graphql-inspector/core").is_dir(),
    reason="node and @graphql-inspector/core are not here: see GRAPHQL_INSPECTOR",
)

PROGRAM: Final = """
const { diff } = require("@graphql-inspector/core");
const { buildSchema } = require("graphql");
const pairs = JSON.parse(require("fs").readFileSync(0, "utf8"));
(async () => {
  const found = [];
  for (const [before, after] of pairs) {
    const changes = await diff(buildSchema(before), buildSchema(after));
    found.push(changes.map((one) => [one.type, one.path ?? "", one.criticality.level]));
  }
  console.log(JSON.stringify(found));
})();
"""

BASE: Final = """
directive @tag(name: String, size: Int = 1) on FIELD | QUERY
interface Node { id: ID! }
type Note implements Node {
  id: ID! text(max: Int = 3, min: Int): String! state: State! tags: [String!] old: Int
}
type Picture implements Node { id: ID! url: String width: Float! }
union Item = Note | Picture
enum State { OPEN CLOSED DONE }
input Where { state: State text: String = "x" not: Where size: Int! }
scalar Time
type Query {
  notes(where: Where, first: Int = 10, after: ID!): [Note!]! node(id: ID!): Node items: [Item!] now: Time
}
type Mutation { make(text: String!, where: Where): Note }
"""

#: Where the inspector names a place otherwise, or none: by what it calls the change.
PLACES: Final = {"SCHEMA_MUTATION_TYPE_CHANGED": "schema.mutation"}

Edit = Callable[[str, random.Random], str]


def replacing(pattern: str, *others: str) -> Edit:
    return lambda sdl, chance: re.sub(pattern, lambda _: chance.choice(others), sdl, count=1)


EDITS: Final[tuple[Edit, ...]] = (
    replacing(r" old: Int", "", " old: Int!", " old: String", " old: [Int]"),
    replacing(r" tags: \[String!\]", " tags: [String!]!", " tags: [String]", " tags: String", ""),
    replacing(r"max: Int = 3", "max: Int = 4", "max: Int", "max: Int!", "max: String"),
    replacing(r", min: Int\)", ")", ", min: Int!)", ", min: Int, more: Int)", ", min: Int, more: Int!)"),
    replacing(r" state: State! tags", " state: State tags", " tags", " state: String! tags"),
    replacing(r"OPEN CLOSED DONE", "OPEN CLOSED", "OPEN CLOSED DONE LATER", "OPEN SHUT DONE"),
    replacing(r"Note \| Picture", "Note", "Picture | Note"),
    replacing(r"input Where \{ state: State", "input Where { state: State!", "input Where {"),
    replacing(r' text: String = "x"', ' text: String = "y"', " text: String", "", " text: Int"),
    replacing(r" size: Int! \}", " size: Int }", " size: Int! more: Int }", " size: Int! more: Int! }", " }"),
    replacing(r"Picture implements Node", "Picture"),
    replacing(r"first: Int = 10", "first: Int = 20", "first: Int!", "first: Float"),
    replacing(r", after: ID!", ", after: ID", "", ", after: String!"),
    replacing(r" now: Time", " now: String", "", ' now: Time @deprecated(reason: "gone")'),
    replacing(r"width: Float!", "width: Float", "width: Int!", "width: Float! height: Float"),
    replacing(r"size: Int = 1\)", "size: Int = 2)", "size: Int!)", "size: Int = 1, more: Int)"),
    replacing(r"on FIELD \| QUERY", "on FIELD", "on FIELD | QUERY | MUTATION"),
    replacing(r"type Mutation \{.*\}\n", ""),
    replacing(r"scalar Time", "enum Time { NOON }", "input Other { a: Int }\nscalar Time"),
    replacing(r"interface Node \{ id: ID! \}", "interface Node { id: ID! }\ntype Alone { id: ID! }"),
    replacing(r"\(text: String!, where: Where\)", "(text: String, where: Where)", "(where: Where)"),
)


def pairs() -> Iterator[tuple[str, str]]:
    chance = random.Random(20)  # noqa: S311 - pairs to compare, no secrets
    for _ in range(PAIRS):
        edited = BASE
        for edit in chance.sample(EDITS, chance.randint(1, 4)):
            edited = edit(edited, chance)
        yield (BASE, edited) if chance.random() < 0.7 else (edited, BASE)


def ours(before: str, after: str) -> set[str]:
    """
    The places of breaking changes, written as the inspector writes them.
    """
    contracts = (Contract.parse(sdl, service="s", kind=Kind.GRAPHQL) for sdl in (before, after))
    return {
        re.sub(r"\((\w+):\)", r".\1", change.coordinate)
        for change in changes_between(*contracts)
        if change.severity is Severity.BREAKING
    }


def test_both_find_the_same_breaking_changes_at_the_same_places() -> None:
    made = list(pairs())
    run = subprocess.run(
        ["node", "-e", PROGRAM],  # noqa: S607 - whichever node the user has
        cwd=FOLDER,
        input=json.dumps(made),
        capture_output=True,
        text=True,
        check=True,
    )

    for pair, found in zip(made, json.loads(run.stdout), strict=True):
        theirs = {PLACES.get(what, place) for what, place, level in found if level == "BREAKING"}

        assert ours(*pair) == theirs, pair[1]
