"""What of a text is read aloud."""

from __future__ import annotations

import pytest

from bot.speech_text import speakable


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        pytest.param("Hello, world!", "Hello, world!", id="plain text"),
        pytest.param("**Hello** _there_, ***you*** ~~not~~", "Hello there, you not", id="emphasis"),
        pytest.param("**_both_** and __one__", "both and one", id="emphasis in emphasis"),
        pytest.param("2 * 3 * 4, snake_case_name", "2 * 3 * 4, snake_case_name", id="no emphasis"),
        pytest.param("# Title\n\nWords", "Title. Words", id="a heading ends like a sentence"),
        pytest.param("- one\n- [x] two!\n* three", "one. two! three.", id="so does an item"),
        pytest.param("1. first\n2. second", "1. first 2. second", id="numbers stay"),
        pytest.param("> quoted\n> words", "quoted words", id="quotation"),
        pytest.param("Use `pip` or ``a `b` c``", "Use pip or a b c", id="code in a sentence"),
        pytest.param("Look:\n```py\nprint()\n```\nSee?", "Look: See?", id="a block of code"),
        pytest.param("Look:\n~~~\nno end", "Look:", id="a block without an end"),
        pytest.param("[the docs](https://x.org/a_(b)) ![a cat](cat.png)", "the docs a cat", id="links"),
        pytest.param("At https://www.example.org/x?y=1.", "At example.org.", id="addresses"),
        pytest.param("At <https://example.org/x>", "At example.org", id="addresses in brackets"),
        pytest.param("At http://[::broken/x now", "At now", id="addresses that are none"),
        pytest.param("<b>bold</b><!-- not --> text", "bold text", id="tags"),
        pytest.param("a < b and c > d", "a < b and c > d", id="no tags"),
        pytest.param("| a | b |\n|---|:-:|\n| 1 | 2 |", "a b 1 2", id="tables"),
        pytest.param("one\n---\n***\ntwo", "one two", id="rules"),
        pytest.param("Nice 👋🏽 work 👨‍👩‍👧 ✅ 🇩🇪!", "Nice work!", id="emoji"),
        pytest.param("Press 1️⃣ now", "Press 1 now", id="keycaps"),
        pytest.param("a → b ⇒ c ⬅ d", "a b c d", id="arrows"),
        pytest.param("★ ■ ─── done", "done", id="decoration"),
        pytest.param("20°C, 5 % and 3 € + 1", "20°C, 5 % and 3 € + 1", id="signs that are read"),
        pytest.param("a\u200bb\x00c\tc\r\nd", "a b c c d", id="invisible signs"),
        pytest.param("日本語 です", "日本語 です", id="another script"),
        pytest.param(" 👋 ... !!", "", id="nothing to say"),
        pytest.param("", "", id="empty"),
    ],
)
def test_only_what_is_heard_is_left(text: str, spoken: str) -> None:
    assert speakable(text) == spoken


@pytest.mark.parametrize("text", ["# A *b* `c`\n- d 👋", "[a](b) **c**", "a -> b"])
def test_what_can_be_read_aloud_stays_as_it_is(text: str) -> None:
    once = speakable(text)

    assert speakable(once) == once


@pytest.mark.parametrize("unit", ["*", "[", "_a", "`", "![](", "<a", "~~", "> ", "- "])
def test_a_text_made_to_be_slow_is_read_too(unit: str) -> None:
    """
    Patterns that look back and forth would take hours for these.
    """
    assert len(speakable(unit * 3000)) <= len(unit) * 3000
