"""
JSON that is kept as text: the values of some members are replaced, and not one byte beside them.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.body.json_text import replace_members


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
    changed = replace_members(text, lambda name: name == "key", lambda name, value: f"<{name} {value}>")

    assert changed == expected


def test_no_depth_is_too_deep() -> None:
    text = '{"a":' * 50_000 + '{"key":"x"}' + "}" * 50_000

    changed = replace_members(text, lambda name: name == "key", lambda _, __: "")

    assert changed == text.replace("x", "")
