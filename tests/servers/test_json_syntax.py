"""
What is wrong with a text that is no JSON: the same words on every Python, which are those of V8.
"""

from __future__ import annotations

import json
from itertools import product

import pytest

from mesh_inmemory.json_syntax import first_mistake

# Each answer is that of JSON.parse in Node 20.20, without "(line 1 column 2)", which older versions lack.
TOLD = {
    "": "Unexpected end of JSON input",
    "[": "Unexpected end of JSON input",
    "[1,": "Unexpected end of JSON input",
    '{"a":': "Unexpected end of JSON input",
    '{"a":1,"b"': "Unexpected end of JSON input",
    "tru": "Unexpected end of JSON input",
    '"a\\': "Unexpected end of JSON input",
    "{": "Expected property name or '}' in JSON at position 1",
    "{,}": "Expected property name or '}' in JSON at position 1",
    '{"a":1,}': "Expected double-quoted property name in JSON at position 7",
    '{"a" 1}': "Expected ':' after property name in JSON at position 5",
    '{"a":1,"b" 1}': "Unexpected number in JSON at position 11",
    '{"a":1': "Expected ',' or '}' after property value in JSON at position 6",
    '{"a":1]': "Expected ',' or '}' after property value in JSON at position 6",
    "[1": "Expected ',' or ']' after array element in JSON at position 2",
    "[1 2]": "Expected ',' or ']' after array element in JSON at position 3",
    "[1,]": "Unexpected token ']', \"[1,]\" is not valid JSON",
    "[]]": "Unexpected non-whitespace character after JSON at position 2",
    "nulls": "Unexpected non-whitespace character after JSON at position 4",
    "01": "Unexpected number in JSON at position 1",
    "-": "No number after minus sign in JSON at position 1",
    "1.": "Unterminated fractional number in JSON at position 2",
    "1e+": "Exponent part is missing a number in JSON at position 3",
    'nu"': "Unexpected string in JSON at position 2",
    '"a': "Unterminated string in JSON at position 2",
    '"a\tb"': "Bad control character in string literal in JSON at position 2",
    '"\\x"': "Bad escaped character in JSON at position 2",
    '"\\u00g0"': "Bad Unicode escape in JSON at position 5",
    '"\U0001f600"x': "Unexpected non-whitespace character after JSON at position 4",
    "NaN": '"NaN" is not valid JSON',
    "[object Object]": '"[object Object]" is not valid JSON',
    "[NaN]": "Unexpected token 'N', \"[NaN]\" is not valid JSON",
    "where the name is Ann": "Unexpected token 'w', \"where the \"... is not valid JSON",
    '{"name": "Ann", "age": x, "likes": "tea"}': (
        'Unexpected token \'x\', ..."", "age": x, "likes""... is not valid JSON'
    ),
    '{"name": "Ann", "age": x}': 'Unexpected token \'x\', ..."", "age": x}" is not valid JSON',
}


@pytest.mark.parametrize("text", TOLD)
def test_a_mistake_is_told_as_v8_tells_it(text: str) -> None:
    assert first_mistake(text) == TOLD[text]


def test_there_is_a_mistake_in_exactly_what_cannot_be_read() -> None:
    """
    Over all texts of up to five signs: what Python's json reads has none, and everything else has one.
    """
    wrong = []
    for size in range(6):
        for signs in product('[]{}:,"1-', repeat=size):
            text = "".join(signs)
            if is_read(text) == is_mistaken(text):
                wrong.append(text)

    assert wrong == []


def test_no_depth_is_too_deep() -> None:
    assert first_mistake("[" * 20_000) == "Unexpected end of JSON input"
    assert first_mistake('{"a":' * 20_000) == "Unexpected end of JSON input"


def is_read(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


def is_mistaken(text: str) -> bool:
    try:
        first_mistake(text)
    except ValueError:
        return False
    return True
