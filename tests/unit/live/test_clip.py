"""
WAV files as a microphone takes them.
"""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from tests.live.clip import Clip, read_wav, write_wav


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    clip = Clip(bytes(range(200)), 24_000)

    assert read_wav(write_wav(tmp_path / "hello.wav", clip)) == clip


def test_pieces_last_20_ms_and_the_last_is_filled_up() -> None:
    clip = Clip(b"\x01\x02" * 400, 16_000)

    assert list(clip.frames()) == [b"\x01\x02" * 320, b"\x01\x02" * 80 + bytes(480)]


def test_silence_follows() -> None:
    clip = Clip(b"\x01\x02" * 8000, 8000)

    assert clip.followed_by_silence(0.5).seconds == 1.5


def test_two_channels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes(8))

    with pytest.raises(ValueError, match=r"stereo\.wav has 2 channels of 8 bits; expected one of 16 bits"):
        read_wav(path)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"<html>no sound</html>"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.wav"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"page\.wav is no WAV file: "):
        read_wav(path)
