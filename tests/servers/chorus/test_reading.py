"""
How text is read: what is written as people write it is said as people say it.
"""

from __future__ import annotations

import pytest

from chorus_tts.errors import UnspeakableError
from chorus_tts.fields import quoted
from chorus_tts.text.cleaning import cleaned
from chorus_tts.text.phonemes import Phonemizer


@pytest.fixture(scope="module")
def american() -> Phonemizer:
    return Phonemizer(british=False)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("It costs $5.50.", "It costs five dollars and fifty cents."),
        ("At 7:30 pm.", "At seven thirty P.M."),
        ("Dr. Smith lives on Main St.", "Doctor Smith lives on Main Street."),
        ("It is 20 °C.", "It is twenty degrees Celsius."),
        ("On 2024-03-05.", "On March fifth, 2024."),
        ("5 * 3 = 15", "five times three equals fifteen"),
        ("½ of it", "one half of it"),
        ("π is big", "pi is big"),
        ("a ≤ b", "a at most b"),
        ("Read [the page](https://example.com/x).", "Read the page."),
        ("**Bold** and `code`", "Bold and code"),
        ("# Title", "Title"),
        ("- first\n- second", "first\nsecond"),
        ("Hello 🙂 there", "Hello there"),
        ("ＡＢＣ １２", "ABC twelve"),
        ("Stra\u00dfe", "Strasse"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_it_is_read_as(american: Phonemizer, written: str, read_as: str) -> None:
    assert american.pieces(written, longest=400) == american.pieces(read_as, longest=400)


def test_a_message_quotes_a_text_the_same_with_every_python() -> None:
    """
    Its repr escapes what it does not know: an emoji of 2022 in Python 3.11, one of 2024 up to Python 3.13.
    """
    assert quoted("It's 🪿 and 🫩\n") == '"It\'s 🪿 and 🫩\\n"'
    assert quoted("\ud800 \u200b é") == "'\\ud800 \\u200b é'"


@pytest.mark.parametrize("text", ["xkcdqz", "Zorblaxian", "naïve café", "NASA", "qwrtpsd", "C3PO"])
def test_words_that_nobody_knows_are_said(american: Phonemizer, text: str) -> None:
    [piece] = american.pieces(text, longest=400)

    assert len(piece) > 2


@pytest.mark.parametrize(
    ("text", "script"),
    [("Привет", "Cyrillic"), ("مرحبا", "Arabic"), ("こんにちは", "Hiragana"), ("Hello мир", "Cyrillic")],
)
def test_another_script_is_refused_by_name(text: str, script: str) -> None:
    with pytest.raises(UnspeakableError, match=f"which is {script}"):
        cleaned(text)


def test_pieces_are_no_longer_than_an_engine_takes(american: Phonemizer) -> None:
    sentence = "We walked along the river, and talked about the summer; " * 12

    pieces = american.pieces(sentence, longest=100)
    whole = american.pieces(sentence, longest=10_000)

    assert max(map(len, pieces)) <= 100
    assert " ".join(pieces) == " ".join(whole)


def test_a_word_without_end_is_cut(american: Phonemizer) -> None:
    pieces = american.pieces("ba" * 600, longest=50)

    assert all(0 < len(piece) <= 50 for piece in pieces)


def test_each_sentence_is_a_piece(american: Phonemizer) -> None:
    assert len(american.pieces("It rains. Mr. Fox sleeps! Does he? Yes", longest=400)) == 4
