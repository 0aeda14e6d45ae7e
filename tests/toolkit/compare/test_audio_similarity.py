"""
A difference in audio is told as people hear it, once for each file.
"""

from __future__ import annotations

import base64
import math
import re
from struct import iter_unpack

import pytest

from taketwo.cassette.audio.wav import wav_of
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.model import Cassette, Sound
from taketwo.compare.recordings import compare_cassettes
from tests.toolkit.cassette.exchanges import answer, as_json, get, take_of
from tests.toolkit.cassette.test_conversations import conversation, received, take

RATE = 8000


def tone(*pitches: int, seconds: float = 0.25, volume: int = 8000) -> bytes:
    samples = (
        round(volume * math.sin(2 * math.pi * pitch * number / RATE))
        for pitch in pitches
        for number in range(int(RATE * seconds))
    )
    return b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples)


def stream(sound: bytes, pieces: int = 4) -> Cassette:
    size = -(-len(sound) // pieces // 2) * 2
    parts = [sound[start : start + size] for start in range(0, len(sound), size)]
    frames = [
        received(3 + n, {"audio": base64.b64encode(part).decode(), "rate": RATE})
        for n, part in enumerate(parts)
    ]
    return take(conversation(*frames))


def told(before: Cassette, after: Cassette) -> list[tuple[str, object, object]]:
    """
    The drift, without the names of files.
    """
    return [
        (one.location.inside, _unnamed(one.before), _unnamed(one.after))
        for one in compare_cassettes(before, after)
    ]


def _unnamed(text: object) -> str:
    return re.sub(r"\A[0-9a-f]{16}\.wav: ", "", str(text))


def test_the_same_sound_is_no_drift() -> None:
    assert told(stream(tone(440)), stream(tone(440))) == []


def test_another_word_at_the_end_is_told_once_and_from_where_on() -> None:
    ((place, before, after),) = told(stream(tone(440, 440, 440)), stream(tone(440, 440, 880)))

    assert place == "frames[0].receive.json.audio"
    assert before == "0.75 s, -15.3 dB"
    assert after == "0.75 s, -15.3 dB; spectra 13.6 dB apart, different from 0.50 s on"


def test_a_longer_sound_is_one_difference_however_many_pieces_it_has() -> None:
    ((_, before, after),) = told(stream(tone(440, 440), 4), stream(tone(440, 440, 440), 6))

    assert (before, after) == (
        "0.50 s, -15.3 dB",
        "0.75 s, -15.3 dB; spectra 0.0 dB apart, different from 0.50 s on",
    )


def test_the_files_that_one_plays_to_hear_it_are_named() -> None:
    before, after = stream(tone(440)), stream(tone(880))

    (difference,) = compare_cassettes(before, after)

    assert [str(text).partition(": ")[0] for text in (difference.before, difference.after)] == [
        *attachments(before),
        *attachments(after),
    ]


@pytest.mark.parametrize(("width", "shift"), [(1, -8), (3, 8), (4, 16)])
def test_samples_of_any_width_are_heard(width: int, shift: int) -> None:
    kind = (("content-type", "audio/wav"),)

    def wav(sound: bytes) -> bytes:
        values = (
            value << shift if shift > 0 else (value >> -shift) + 128 for (value,) in iter_unpack("<h", sound)
        )
        return wav_of(
            b"".join(value.to_bytes(width, "little", signed=width > 1) for value in values),
            Sound(RATE, width),
        )

    before = take_of((get("http://a.test/"), answer(wav(tone(440, 440)), kind)))
    after = take_of((get("http://a.test/"), answer(wav(tone(440, 880)), kind)))

    ((_, old, new),) = told(before, after)
    assert str(old).startswith("0.50 s, -15.")
    assert str(new).endswith(" dB apart, different from 0.25 s on")


def test_the_same_sound_at_half_the_volume_is_six_decibels_lower() -> None:
    ((_, before, after),) = told(stream(tone(440)), stream(tone(440, volume=4000)))

    assert (before, after) == (
        "0.25 s, -15.3 dB",
        "0.25 s, -21.3 dB; spectra 6.0 dB apart, different from 0.00 s on",
    )


def test_bodies_of_audio_are_heard_too() -> None:
    kind = (("content-type", f"audio/L16;rate={RATE}"),)
    before = take_of((get("http://a.test/"), answer(tone(440), kind)))
    after = take_of((get("http://a.test/"), answer(tone(440, seconds=0.5), kind)))

    assert told(before, after) == [
        (
            "response.audio",
            "0.25 s, -15.3 dB",
            "0.50 s, -15.3 dB; spectra 0.0 dB apart, different from 0.25 s on",
        )
    ]


def test_another_rate_is_told_as_such() -> None:
    def body(rate: int) -> Cassette:
        sound = {"audio": base64.b64encode(tone(440)).decode(), "rate": rate}
        return take_of((get("http://a.test/"), answer(as_json(sound))))

    assert (
        "response.json.audio",
        "0.25 s, -15.3 dB",
        "0.12 s, -15.3 dB; 16000 Hz of 1 x 16 bits, it was 8000 Hz of 1 x 16 bits",
    ) in told(body(8000), body(16000))
