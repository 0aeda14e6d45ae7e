"""
The small voice without a server: its noise, its vocoder, and that it stops when nobody waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from chorus_tts.engines.engine import Halt, HaltedError
from chorus_tts.engines.noise import Noise
from chorus_tts.engines.small import SmallEngine
from chorus_tts.engines.vocabulary import Vocabulary
from chorus_tts.engines.vocoder import Vocoder, pulses
from chorus_tts.networks.voice import Spectra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float32 = NDArray[np.float32]

PHONEMES = "həlˈO, ˌI ɐm ɡlˈæd ðæt ju ɑɹ hˈɪɹ."
RATE = 24000


@pytest.fixture(scope="module")
def engine() -> SmallEngine:
    return SmallEngine(Vocabulary())


def say(
    engine: SmallEngine, halt: Halt, *, phonemes: str = PHONEMES, speed: float = 1, seed: int = 0
) -> Float32:
    return engine.speak(phonemes, voice="af_heart", speed=speed, seed=seed, halt=halt)


# ---------------------------------------------------------------- noise


def test_noise_is_normal() -> None:
    real, imaginary = Noise().draw(200, 601, seed=1)

    for part in (real, imaginary):
        assert abs(part.mean()) < 0.02
        assert part.std() == pytest.approx(1, abs=0.02)
        assert np.mean(np.abs(part) < 1) == pytest.approx(0.6827, abs=0.01)
        assert np.mean(np.abs(part) < 2) == pytest.approx(0.9545, abs=0.01)
    assert abs((real * imaginary).mean()) < 0.02


def test_noise_does_not_depend_on_how_much_of_it_is_drawn() -> None:
    noise = Noise()

    [short, long] = (noise.draw(rows, 601, seed=4)[0] for rows in (3, 8))

    assert (long[:3] == short).all()
    assert (noise.draw(3, 601, seed=5)[0] != short).mean() > 0.99


# -------------------------------------------------------------- vocoder


def test_pulses_come_as_often_as_the_pitch_says() -> None:
    wave = pulses(np.full(80, 200, np.float32))

    peaks = np.flatnonzero(wave > 0.9 * wave.max())
    assert wave.max() == pytest.approx(11000 // 200, abs=1)
    assert set(np.diff(peaks)) == {RATE // 200}


def test_there_are_no_pulses_without_a_pitch() -> None:
    wave = pulses(np.array([0] * 10 + [150] * 10, np.float32))

    assert not wave[: 9 * 300].any()
    assert wave[11 * 300 :].any()


def test_pulses_follow_a_pitch_that_rises() -> None:
    wave = pulses(np.linspace(100, 200, 400).astype(np.float32))

    peaks = np.flatnonzero((wave[1:-1] > wave[:-2]) & (wave[1:-1] >= wave[2:]) & (wave[1:-1] > 20))
    assert RATE / 105 < peaks[1] - peaks[0] < RATE / 99
    assert RATE / 201 < peaks[-1] - peaks[-2] < RATE / 195


def sound_as_defined(spectra: Spectra, noise: NDArray[np.complex64]) -> NDArray[np.float64]:
    """
    The vocoder in double precision, with numpy's functions and transforms.
    """
    frames = spectra.pitch.size
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1200) / 1200)
    padded = np.pad(pulses(spectra.pitch).astype(np.float64), 600, mode="reflect")
    excitation = np.array(
        [np.fft.rfft(padded[at * 300 : at * 300 + 1200] * window * 4 / 1200) for at in range(frames)]
    )
    loud = [
        np.exp(np.minimum(part.astype(np.float64), 7))
        for part in (spectra.voiced_loudness, spectra.noise_loudness, spectra.rest_loudness)
    ]
    mixed = (
        loud[0] * np.exp(1j * np.pi * np.tanh(spectra.voiced_phase.astype(np.float64))) * excitation
        + loud[1] * noise
        + loud[2] * np.exp(1j * spectra.rest_phase.astype(np.float64))
    )
    wave, weight = np.zeros((2, frames * 300 + 900))
    for at, frame in enumerate(np.fft.irfft(mixed, n=1200, axis=1) * window):
        wave[at * 300 : at * 300 + 1200] += frame
        weight[at * 300 : at * 300 + 1200] += window**2
    return (wave / np.maximum(weight, 1e-11))[600:][: frames * 300]


@pytest.mark.parametrize("frames", [6, 80, 205])
def test_the_vocoder_is_as_defined(frames: int) -> None:
    random = np.random.default_rng(3)
    bands = random.standard_normal((5, frames, 601)).astype(np.float32) - np.float32(2)
    pitch = (120 + 60 * random.random(frames)).astype(np.float32)
    spectra = Spectra(
        voiced_loudness=bands[0],
        voiced_phase=bands[1],
        noise_loudness=bands[2],
        rest_loudness=bands[3],
        rest_phase=bands[4] * 3,
        pitch=pitch,
    )
    real, imaginary = Noise().draw(frames, 601, seed=9)

    found = Vocoder().sound(spectra, seed=9, proceed=lambda: None)

    expected = sound_as_defined(spectra, real + 1j * imaginary)
    assert np.abs(found - expected).max() < 2e-5 * np.abs(expected).max()


# --------------------------------------------------------------- engine


def test_speed_and_seed_change_the_sound(engine: SmallEngine) -> None:
    usual = say(engine, Halt())

    assert len(say(engine, Halt(), speed=2)) < 0.7 * len(usual)
    other = say(engine, Halt(), seed=1)
    assert len(other) == len(usual)
    assert (other != usual).any()


def test_the_shortest_text_has_a_sound(engine: SmallEngine) -> None:
    assert np.abs(say(engine, Halt(), phonemes="ə")).max() > 0


class HaltAfter(Halt):
    """
    Stops when it was asked *often* times whether to go on.
    """

    def __init__(self, often: int) -> None:
        super().__init__()
        self.left = often

    def proceed(self) -> None:
        self.left -= 1
        if self.left < 0:
            self.stop()
        super().proceed()


def test_work_ends_between_any_two_layers(engine: SmallEngine) -> None:
    """
    A sentence is asked about more than thirty times, so that none of its parts takes long.
    """
    patient = HaltAfter(1000)
    say(engine, patient)
    asked = 1000 - patient.left

    assert asked > 30
    for often in range(0, asked, 5):
        with pytest.raises(HaltedError):
            say(engine, HaltAfter(often))


def test_what_is_to_be_stopped_late_is_stopped_at_once() -> None:
    halt, stopped = Halt(), list[str]()

    halt.on_stop(lambda: stopped.append("early"))
    halt.stop()
    halt.on_stop(lambda: stopped.append("late"))

    assert stopped == ["early", "late"]
