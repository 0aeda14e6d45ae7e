"""
JSON that is kept as text: the values of some members are replaced, and not one byte beside them.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.body.json_text import replace_values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"key": "a"}', '{"key": "<key a>"}'),
        ('{ "other" : "a" ,"key":"b"}\n', '{ "other" : "a" ,"key":"<key b>"}\n'),
        ('[{"key":"a"},{"key":"b"}]', '[{"key":"<key a>"},{"key":"<key b>"}]'),
        ('{"key":"a","key":"b"}', '{"key":"<key a>","key":"<key b>"}'),
        (
            '{"key":{"x":"a","y":["b",1.50]},"z":"c"}',
            '{"key":{"x":"<key a>","y":["<key b>","<key 1.50>"]},"z":"c"}',
        ),
        ('{"key":[[],{},"a"],"z":["c"]}', '{"key":[[],{},"<key a>"],"z":["c"]}'),
        ('{"x":{"key":"a"},"y":"b"}', '{"x":{"key":"<key a>"},"y":"b"}'),
        ('{"key":null,"a":{"key":true},"b":{"key":""}}', '{"key":null,"a":{"key":true},"b":{"key":""}}'),
        ('{"key":"a\\"b\\u00e9\\\\"}', '{"key":"<key a\\"bé\\\\>"}'),
        ('{"k\\u0065y":"a"}', '{"k\\u0065y":"<key a>"}'),
        ('{"a":"\\"key\\":\\"b\\"","b":"{\\"key\\":1}"}', '{"a":"\\"key\\":\\"b\\"","b":"{\\"key\\":1}"}'),
        ('["key","a"]', '["key","a"]'),
        ('"key"', '"key"'),
        ("12", "12"),
    ],
)
def test_the_values_of_a_wanted_member_are_replaced(text: str, expected: str) -> None:
    def change(name: str | None, value: str, _: bool) -> str:  # noqa: FBT001 - a callback
        return value if name is None else f"<{name} {value}>"

    changed = replace_values(text, lambda name: name == "key", change)

    assert changed == expected


def test_no_depth_is_too_deep() -> None:
    text = '{"a":' * 50_000 + '{"key":"x"}' + "}" * 50_000

    changed = replace_values(text, lambda name: name == "key", lambda *_: "")

    assert changed == text.replace("x", "")
