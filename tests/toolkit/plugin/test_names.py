"""
Whatever a test is called, its cassette has a file of its own, and finds it again.
"""

from __future__ import annotations

import json
import random
import unicodedata

from taketwo.cassette.store.names import file_name
from tests.toolkit.conftest import Project

AWKWARD = [
    "a/b",
    "a-b",
    "a\\b",
    "a:b",
    "A-B",
    "a b",
    "a.",
    "a",
    "..",
    ".",
    "",
    " ",
    "con",
    "CON",
    "nul.txt",
    "x" * 300,
    "x" * 299 + "y",
    "ж" * 150,
    "ж" * 149 + "a",
    "日本語/テスト",
    "日本語-テスト",
    "é",
    "e\u0301",
    "🙂",
    "a\tb",
    "a\nb",
    "%2F",
    "a?b",
    "a*b",
    'a"b',
    "a'b",
    "a<b>",
    "a|b",
    "-0d4deea1",
    "[x]",
    "x]",
    "~",
    "$HOME",
    "\u202etxt",
    "ﬀ",
    "ß",
    "ss",
]
SUITE = """
import json
from pathlib import Path

WORDS = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))


@pytest.mark.vcr
@pytest.mark.parametrize("number", range(len(WORDS)), ids=WORDS)
def test_named(number):
    with client() as c:
        assert c.post("/echo", json={"number": number}).json() == {"number": number}
"""
ESCAPED = "disable_test_id_escaping_and_forfeit_all_rights_to_community_support = "


def words() -> list[str]:
    """
    Those above, and a hundred more made of their signs.
    """
    chance = random.Random(9)  # noqa: S311 - it makes names, and the same ones again
    signs = sorted({sign for word in AWKWARD for sign in word} | set("aA-_ [](){}#"))
    more = ("".join(chance.choices(signs, k=chance.randrange(1, 12))) for _ in range(100))
    # pytest numbers ids that come twice, and takes none that holds a line break or is empty as it is.
    return [*dict.fromkeys([*AWKWARD, *more])]


def test_no_two_tests_share_a_file(project: Project) -> None:
    project.write("tests/words.json", json.dumps(words()))
    project.test(SUITE)
    pyproject = project.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("filterwarnings", f"{ESCAPED}true\nfilterwarnings"))

    recorded = project.pytest("--record-mode=rewrite", "-q")
    replayed = project.pytest("-q")

    count = len(words())
    names = [path.name for path in (project.root / "cassettes/test_notes").iterdir()]
    assert (recorded.tail, replayed.tail) == (f"{count} passed", f"{count} passed"), recorded.output[-3000:]
    assert len(names) == count
    assert max(len(name.encode()) for name in names) + len(".new") <= 255


def test_a_name_that_a_system_takes_for_something_else_is_marked() -> None:
    for word in ("con", "CON", "Con.x", "nul", "lpt1", "COM9.txt", "x.", "x ", "conin$"):
        assert file_name(word) != word
    for word in ("console", "test_con", "nul_l", "x.y", "com", "com10"):
        assert file_name(word) == word


def test_names_of_any_signs_are_kept_apart() -> None:
    found = {file_name(word) for word in words()}

    assert len(found) == len(words())
    assert not [
        name for name in found if set(name) & set("<>?%*:|\"'/\\") or unicodedata.category(name[-1]) == "Cc"
    ]
