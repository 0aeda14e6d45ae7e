"""
Audio that a listener cannot distinguish from what was accepted.

Sound that is computed is made of rounded numbers, and another library or processor may round differently.
Where a recorded sound is as long as the accepted one, and what differs is a hundredth of it (40 dB below),
the accepted sound is kept.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import sub

from taketwo.cassette.audio.wav import is_wav, samples_of
from taketwo.cassette.content import whole
from taketwo.cassette.model import BinaryBody, Cassette, Conversation, Interaction, Sound
from taketwo.cassette.visit import Change, map_body, map_interaction

_INAUDIBLE = 0.01
_SAMPLE = 2


def with_accepted_sounds(accepted: Cassette, take: Cassette) -> Cassette:
    """
    *take* with each sound of *accepted* that it repeats, but for what cannot be heard.
    """
    return _with_bodies(accepted, _with_files(accepted, take))


def sounds_similar(old: bytes, new: bytes) -> bool:
    """
    Whether two runs of 16-bit samples, little-endian, sound the same to a listener.
    """
    if len(old) != len(new) or len(old) % _SAMPLE:
        return False
    before, after = array("h", old), array("h", new)
    apart = _length(array("l", map(sub, before, after)))
    return apart <= _INAUDIBLE * max(_length(before), 1.0)


def _with_files(accepted: Cassette, take: Cassette) -> Cassette:
    names = dict(_same_sounds(accepted.files, take.files))
    if not names:
        return take

    def renamed(text: str) -> str:
        for new, old in names.items():
            text = text.replace(f":{new}", f":{old}")
        return text

    return replace(
        take,
        interactions=tuple(map_interaction(item, renamed) for item in take.interactions),
        conversations=tuple(_renamed(conversation, renamed) for conversation in take.conversations),
        files={**take.files, **{old: accepted.files[old] for old in names.values()}},
    )


def _same_sounds(accepted: Mapping[str, bytes], taken: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """
    The names of files that are new, each with that of the accepted file which sounds alike.
    """
    for new, content in taken.items():
        sound = samples_of(content) if new not in accepted else None
        for old, known in accepted.items() if sound else ():
            other = samples_of(known) if len(known) == len(content) else None
            if sound and other and _are_similar(other, sound):
                yield new, old
                break


def _renamed(conversation: Conversation, renamed: Change) -> Conversation:
    frames = (replace(frame, body=map_body(frame.body, renamed)) for frame in conversation.frames)
    return replace(conversation, frames=tuple(frames))


def _with_bodies(accepted: Cassette, take: Cassette) -> Cassette:
    known = [item for item in accepted.interactions if _sound_of(item) is not None]
    if not known or not any(_sound_of(item) for item in take.interactions):
        return take
    return replace(take, interactions=tuple(_sounding(item, known) for item in take.interactions))


def _sounding(item: Interaction, known: Sequence[Interaction]) -> Interaction:
    """
    An interaction with the accepted sound for the same request, where it is the same to hear.
    """
    sound = _sound_of(item)
    for old in known if sound is not None else ():
        other = _sound_of(old)
        if old.request == item.request and sound and other and _are_similar(other, sound):
            return replace(item, response=replace(item.response, body=old.response.body))
    return item


def _are_similar(old: tuple[Sound, bytes], new: tuple[Sound, bytes]) -> bool:
    return old[0] == new[0] and old[0].width == _SAMPLE and sounds_similar(old[1], new[1])


def _sound_of(item: Interaction) -> tuple[Sound, bytes] | None:
    body = item.response.body
    if not isinstance(body, BinaryBody):
        return None
    if body.sound:
        return body.sound, whole(body.content)
    return samples_of(whole(body.content)) if is_wav(body.content[:12]) else None


def _length(samples: array[int]) -> float:
    return math.sqrt(sum(sample * sample for sample in samples))
