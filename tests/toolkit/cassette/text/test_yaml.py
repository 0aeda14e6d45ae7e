"""
The YAML that cassettes are written in: what it looks like, and that nothing is lost or let in.
"""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from taketwo.cassette.body.limits import MAX_BYTES
from taketwo.cassette.model import JsonValue
from taketwo.cassette.text.yaml_full import MAX_DEPTH
from taketwo.cassette.text.yaml_reader import load_yaml
from taketwo.cassette.text.yaml_writer import dump_yaml
from taketwo.errors import CassetteFormatError

EVERY_KIND: JsonValue = {
    "word": "plain",
    "sentence": "A sentence, with (signs) and ünïcödé 🎉",
    "url": "http://mesh.test/api?x=1",
    "uuid": "41d6fa5d-e227-5900-9801-f6532803a3cb",
    "placeholder": "<uuid:1>",
    "empty": "",
    "space": " ",
    "padded": " both sides ",
    "colon": "key: value",
    "colon at the end": "key:",
    "hash": "a #comment",
    "list-like": "- item",
    "quote": "it's",
    "quotes": '"it\'s"',
    "backslash": "C:\\new",
    "tab": "a\tb",
    "null as text": "null",
    "yes as text": "Yes",
    "number as text": "12",
    "float as text": "1e5",
    "date as text": "2026-01-01",
    "merge as text": "<<",
    "page": "<html>\n  <body>🎉</body>\n</html>\n",
    "open end": "first\nsecond",
    "many ends": "text\n\n\n",
    "only ends": "\n\n",
    "indented first": "  first\nsecond\n",
    "blank first": "\n  first",
    "spaces at the end": "first  \n   \nlast ",
    "return": "a\r\nb",
    "next line": "a\u0085b",
    "separator": "a\u2028b",
    "mark": "\ufeffa",
    "zero": "\x00",
    "true": True,
    "false": False,
    "none": None,
    "int": -12,
    "big": 123456789012345678901234567890,
    "float": 0.1,
    "whole float": 1.0,
    "exponent": 1e-07,
    "no list": [],
    "no object": {},
    "list": [1, "two", ["deep", []], {"a": 1, "b": [2]}, "three\nlines\n"],
    "object": {"inner": {"most": 1}},
    "1": "a number as key",
    "key: with a colon": 1,
    "": "no key",
}

EVERY_KIND_WRITTEN = r"""word: plain
sentence: A sentence, with (signs) and ünïcödé 🎉
url: http://mesh.test/api?x=1
uuid: 41d6fa5d-e227-5900-9801-f6532803a3cb
placeholder: <uuid:1>
empty: ""
space: " "
padded: " both sides "
colon: "key: value"
colon at the end: "key:"
hash: "a #comment"
list-like: "- item"
quote: it's
quotes: '"it''s"'
backslash: C:\new
tab: "a\tb"
null as text: "null"
yes as text: "Yes"
number as text: "12"
float as text: "1e5"
date as text: "2026-01-01"
merge as text: "<<"
page: |
  <html>
    <body>🎉</body>
  </html>
open end: |-
  first
  second
many ends: |+
  text


only ends: "\n\n"
indented first: |2
    first
  second
blank first: |2-

    first
spaces at the end: |-
  first  @
     @
  last @
return: "a\r\nb"
next line: "a\u0085b"
separator: "a\u2028b"
mark: "\ufeffa"
zero: "\u0000"
"true": true
"false": false
none: null
int: -12
big: 123456789012345678901234567890
float: 0.1
whole float: 1.0
exponent: 1e-07
no list: []
no object: {}
list:
- 1
- two
- - deep
  - []
- a: 1
  b:
  - 2
- |
  three
  lines
object:
  inner:
    most: 1
"1": a number as key
"key: with a colon": 1
"": no key
""".replace("@", "")

TRAPS = (
    *":#-?[]{},&*!|>'\"%@`~\\/<=+._ \t\n\r\x00\x07\x1b\x7f\x85\xa0\u2028\u2029\ufeff\ufffe\uffff",
    *("a", "b", "ä", "日", "🎉", "0", "1", "9", "e"),
    *("null", "yes", "No", "ON", "true", "~", "0x1F", "0o7", "1_000", "1e3", ".inf", ".nan", "12:30:45"),
    *("2026-01-01", "2026-01-01T00:00:00Z", "---", "...", "<<", "!!str", "&a", "*a", ": ", " #", "- ", "  "),
    *("\n\n", "\n ", " \n", "\n\t", "<uuid:1>", "line", "\\u0041", "%YAML 1.1"),
)


def test_every_kind_of_value_has_its_form() -> None:
    assert dump_yaml(EVERY_KIND) == EVERY_KIND_WRITTEN


def test_every_kind_of_value_is_read_back() -> None:
    loaded = load_yaml(EVERY_KIND_WRITTEN, name="a.yaml")

    assert repr(loaded) == repr(EVERY_KIND)


@pytest.mark.parametrize(
    "value", ["text", "", " a\nb", "---\na", "a\n...\n", 1, None, [], {}, [[]], ["a\nb"]]
)
def test_any_value_can_stand_alone(value: JsonValue) -> None:
    assert load_yaml(dump_yaml(value), name="a.yaml") == value


@pytest.mark.parametrize("key", ["k" * 1500, "ö k" * 700, "\n" * 1200, '"' * 1100])
@pytest.mark.parametrize("value", [1, "a\nb", [1, {"a": 2}], {"a": [1]}, []])
def test_a_key_may_be_longer_than_yaml_lets_plain_keys_be(key: str, value: JsonValue) -> None:
    held: JsonValue = [{"a": 1, key: value, "z": {key: value}}]

    assert load_yaml(dump_yaml(held), name="a.yaml") == held


@pytest.mark.parametrize("part", range(8))
def test_whatever_is_written_is_read_back(part: int) -> None:
    values = Values(seed=part)
    for _ in range(250):
        value = values.any(depth=4)

        text = dump_yaml(value)

        assert repr(load_yaml(text, name="a.yaml")) == repr(value)


def test_other_readers_of_yaml_read_the_same() -> None:
    """
    A text that is no number, date or word to us is none to them either.
    """
    values = Values(seed=99)
    for _ in range(300):
        # PyYAML reads 1e-07 as a text, and refuses some keys that we do not: texts are compared.
        value = [values.text() for _ in range(4)]

        text = dump_yaml(value)

        assert yaml.safe_load(text) == value


def test_what_is_written_holds_no_sign_that_an_editor_hides() -> None:
    values = Values(seed=7)

    text = dump_yaml([values.text() for _ in range(500)])

    assert not set(text) & set("\t\r\x00\x07\x1b\x7f\x85\u2028\u2029\ufeff\ufffe\uffff") - {"\t"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ": the file is empty"),
        ("# only a comment\n", ": the file is empty"),
        ("a: 1\nb: *x\n", ", line 2: aliases and anchors are not allowed"),
        ("a: &x 1\n", ", line 1: aliases and anchors are not allowed"),
        ("a: 1\n&x b: 1\n", ", line 2: a key must be a plain text"),
        (
            "a: !!python/object/apply:os.system [ls]\n",
            ", line 1: the tag tag:yaml.org,2002:python/object/apply:os.system is not allowed",
        ),
        ("a: !own 1\n", ", line 1: the tag !own is not allowed"),
        ("a: !!binary aGk=\n", ", line 1: the tag tag:yaml.org,2002:binary is not allowed"),
        ("!!str a: 1\n", ", line 1: a key must be a plain text"),
        ("? [a, b]\n: 1\n", ", line 1: a key must be a plain text"),
        ("a:\n  b: 1\n  b: 2\n", ", line 3: the key 'b' appears twice"),
        ("1: a\n'1': b\n", ", line 2: the key '1' appears twice"),
        ("a: 1\n---\nb: 2\n", ", line 2: a second document begins here; a cassette is one"),
        ("a: 1\n  b: 2\n", ", line 2: mapping values are not allowed in this context"),
        ("a: [1, 2\n", ", line 2: did not find expected ',' or ']'"),
        ('a: "open\n', ", line 2: found unexpected end of stream"),
        ("a: 1\n\tb: 2\n", ", line 2: found a tab character that violates indentation"),
        ("a: 1\nb: \x07\n", ", line 2: the character U+0007 is not allowed"),
        ("é: 1\n\n\n\x00", ", line 4: the character U+0000 is not allowed"),
        ("a: \ud800\n", ", line 1: the character U+D800 is not allowed"),
        ('a: "\\UFFFFFFFF"\n', ", line 1: found invalid Unicode character escape code"),
        ("a: 1\nb: " + "9" * 5000, ", line 2: the number has too many digits"),
        ("[" * 201 + "]" * 201, ", line 1: nested deeper than 200 levels"),
        ("- " * 300 + "a", ", line 1: nested deeper than 200 levels"),
        ("{a: " * 100_000, ", line 1: nested deeper than 200 levels"),
        ("a: " * 2 + "\n", ", line 1: mapping values are not allowed in this context"),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(CassetteFormatError) as caught:
        load_yaml(text, name="a.yaml")

    assert str(caught.value) == f"a.yaml{problem}"


def test_a_merge_conflict_is_called_by_its_name() -> None:
    text = "a: 1\n<<<<<<< ours\nb: 1\n=======\nb: 2\n>>>>>>> theirs\n"

    with pytest.raises(CassetteFormatError) as caught:
        load_yaml(text, name="a.yaml")

    assert str(caught.value) == (
        "a.yaml, line 3: the file has an unresolved merge conflict; resolve it, or record again"
    )


def test_a_text_may_speak_of_merge_conflicts() -> None:
    value = {"text": "<<<<<<< ours\n=======\n>>>>>>> theirs\n", "<<<<<<< ours": "======="}

    assert load_yaml(dump_yaml(value), name="a.yaml") == value


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    text = "x" * (MAX_BYTES + 1)

    with pytest.raises(CassetteFormatError) as caught:
        load_yaml(text, name="a.yaml")

    assert str(caught.value) == "a.yaml: the file is larger than 64 MiB"


def test_a_file_may_be_as_deep_as_the_limit() -> None:
    value = load_yaml("[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1), name="a.yaml")

    assert value == load_yaml("- " * (MAX_DEPTH - 2) + "[]", name="a.yaml")


@pytest.mark.parametrize(
    "text", ["\ufeffa: 1\n", "a: 1\r\n", "---\na: 1\n...\n", "{a: 1}", "# why\na: 1 # so\n"]
)
def test_what_editors_do_to_a_file_does_not_matter(text: str) -> None:
    assert load_yaml(text, name="a.yaml") == {"a": 1}


@pytest.mark.parametrize("seed", range(4))
def test_a_mutilated_file_is_refused_or_means_something(seed: int) -> None:
    """
    Nothing else than our own error comes out of it.
    """
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    for _ in range(150):
        text = mutilated(EVERY_KIND_WRITTEN.encode(), dice).decode("utf-8", "surrogateescape")

        with suppress(CassetteFormatError):
            load_yaml(text, name="a.yaml")


def mutilated(content: bytes, dice: random.Random) -> bytes:
    """
    *content* with bits flipped, cut, or with something foreign in it.
    """
    changed = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(changed) or 1)
        match dice.randrange(5):
            case 0:
                changed[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                del changed[place : place + dice.randint(1, 200)]
            case 2:
                changed[place:place] = dice.choice(
                    [b"&a ", b"*a ", b"!!int ", b"\n---\n", b"[[[[", b"{", b"\t"]
                )
            case 3:
                changed[place:place] = bytes(dice.randrange(256) for _ in range(4))
            case _:
                changed = changed[: max(place, 1)]
    return bytes(changed)


class Values:
    """
    Values that YAML is likely to get wrong: the same ones for the same seed.
    """

    def __init__(self, *, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a test repeats itself

    def any(self, *, depth: int) -> JsonValue:
        match self._dice.randrange(9 if depth else 7):
            case 0 | 1 | 2 | 3:
                return self.text()
            case 4:
                return self._dice.choice([0, -1, 7, 10**18, -(2**64), 10**40 + 1])
            case 5:
                return self._dice.choice([0.0, -0.0, 0.1, 1e16, 1e22, 5e-324, 1.7976931348623157e308, 12.5])
            case 6:
                return self._dice.choice([None, True, False])
            case 7:
                return [self.any(depth=depth - 1) for _ in range(self._dice.randrange(4))]
            case _:
                return {self.text(): self.any(depth=depth - 1) for _ in range(self._dice.randrange(4))}

    def text(self) -> str:
        return "".join(self._dice.choice(TRAPS) for _ in range(self._dice.randrange(8)))


def test_a_file_on_the_disk_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"

    file.write_bytes(dump_yaml(EVERY_KIND).encode())

    assert load_yaml(file.read_bytes().decode(), name=str(file)) == EVERY_KIND
