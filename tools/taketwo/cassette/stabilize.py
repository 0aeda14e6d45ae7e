"""
What a new recording keeps of the accepted cassette, since it depends on chance: chunk sizes, times, rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from taketwo.cassette.audio.similarity import with_accepted_sounds
from taketwo.cassette.body.codec import body_to_bytes
from taketwo.cassette.body.embedded import expanded_conversation, with_files
from taketwo.cassette.model import (
    CLIENT,
    WAITING,
    Cassette,
    Close,
    Closer,
    Conversation,
    Direction,
    Frame,
    Interaction,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.volatile.accepted_forms import with_accepted_forms


def stable_conversations(accepted: Cassette, take: Cassette) -> Iterator[Conversation]:
    """
    Those of *take*, each with the times and the order of the *accepted* one that says the same.
    """
    # A stream that was cut elsewhere is another file: what is compared is what is in it.
    left = [(one, expanded_conversation(one, accepted.files)) for one in accepted.conversations]
    for new in take.conversations:
        whole = expanded_conversation(new, take.files)
        found = next((pair for pair in left if _has_same_messages(pair[1], whole)), None)
        if found is None:
            yield new
        else:
            left.remove(found)
            yield _merged(found[0], new)


def is_cut_short(part: Conversation, whole: Conversation) -> bool:
    """
    Whether *part* says what *whole* does, up to where the client went away; both with what is in their files.
    """
    return _has_same_messages(whole, part)


def _has_same_messages(old: Conversation, new: Conversation) -> bool:
    if (old.request, old.response, old.lost) != (new.request, new.response, new.lost):
        return False
    if _timeless_close(old.close) != _timeless_close(new.close):
        return False
    sent = (_frames_of(old, Direction.SEND), _frames_of(new, Direction.SEND))
    heard, again = _frames_of(old, Direction.RECEIVE), _frames_of(new, Direction.RECEIVE)
    # How much a client has been given when it goes away is chance; what is accepted may be more of it.
    is_cut = new.close is None or new.close.by is Closer.CLIENT
    return sent[0] == sent[1] and (heard == again or (is_cut and heard[: len(again)] == again))


def _merged(old: Conversation, new: Conversation) -> Conversation:
    """
    *old*, except where a frame came after fewer sent ones in *new*.
    """
    before, after = _sent_before(old), _sent_before(new)
    earliest = [min(count, again) for count, again in zip(before, after, strict=False)]
    if earliest == before[: len(earliest)]:
        return old
    sends = [frame for frame in old.frames if frame.direction is Direction.SEND]
    received = [frame for frame in old.frames if frame.direction is Direction.RECEIVE]
    return replace(old, frames=tuple(_interleaved(sends, received, [*earliest, *before[len(earliest) :]])))


def _interleaved(sends: Sequence[Frame], received: Sequence[Frame], counts: Sequence[int]) -> Iterator[Frame]:
    done = 0
    for frame, count in zip(received, counts, strict=True):
        yield from sends[done:count]
        done = max(done, count)
        yield frame
    yield from sends[done:]


def _sent_before(conversation: Conversation) -> list[int]:
    """
    For each received frame, how many were sent before it.
    """
    counts, sent = [], 0
    for frame in conversation.frames:
        if frame.direction is Direction.SEND:
            sent += 1
        else:
            counts.append(sent)
    return counts


def _frames_of(conversation: Conversation, direction: Direction) -> list[Frame]:
    # In which pieces a message came is the network's business where it is not the service's.
    return [
        replace(frame, at=0, fragments=()) for frame in conversation.frames if frame.direction is direction
    ]


def _timeless_close(close: Close | None) -> Close | None:
    return close and replace(close, at=0)


def stabilize(accepted: Cassette | None, take: Cassette) -> Cassette:
    """
    *take* with what chance decides as it is in *accepted*.

    * A streamed body that is the same is cut where it was cut, with the same pauses.
    * The messages of a WebSocket keep the times and the order that it had, where it is the same.
    * A placeholder is the accepted one, where that admits more: a value may have fewer signs by chance.
    * Audio that differs by what nobody hears, since another processor rounded it, is the accepted audio.
    * Of a stream that the client closed, at least as much is kept as was accepted, be that the whole of it:
      how much had come by then is chance.
    """
    if accepted is None:
        return take
    take = with_accepted_forms(accepted, with_accepted_sounds(accepted, take))
    carried = replace(
        take,
        interactions=tuple(_stable_interaction(accepted.interactions, take.interactions)),
        conversations=tuple(stable_conversations(accepted, take)),
    )
    return with_files(carried, {**accepted.files, **take.files})


def with_accepted_time(
    accepted: Cassette | None, new: Cassette, text_of: Callable[[Cassette], str]
) -> Cassette:
    """
    *new* with the time of the *accepted* recording, where nothing else of its text has changed since.
    """
    if accepted is None or accepted.time == new.time:
        return new
    kept = replace(new, time=accepted.time)
    return kept if text_of(kept) == text_of(accepted) else new


def _stable_interaction(
    accepted: Sequence[Interaction], take: Iterable[Interaction]
) -> Iterator[Interaction]:
    everything = _by_address(range(len(accepted)), accepted)
    streams = _by_address((n for n, old in enumerate(accepted) if _is_stream(old)), accepted)
    for new in take:
        # What is no stream now may have been one, and the other way round; most are neither.
        near = (everything if _is_stream(new) else streams).get(_address(new), {})
        found = next((number for number in near if _is_same(accepted[number], new)), None)
        if found is None:
            yield new
            continue
        for unused in (everything, streams):
            unused.get(_address(new), {}).pop(found, None)
        yield accepted[found]


def _by_address(
    numbers: Iterable[int], interactions: Sequence[Interaction]
) -> dict[tuple[str, str], dict[int, None]]:
    """
    The *numbers* of interactions by their addresses, to be looked through in order and taken out.
    """
    found: dict[tuple[str, str], dict[int, None]] = {}
    for number in numbers:
        found.setdefault(_address(interactions[number]), {})[number] = None
    return found


def _address(interaction: Interaction) -> tuple[str, str]:
    return interaction.request.method, interaction.request.url


def _is_stream(interaction: Interaction) -> bool:
    return bool(interaction.response.chunks or interaction.response.ended)


def _is_same(old: Interaction, new: Interaction) -> bool:
    if old.request != new.request:
        return False
    before, after = _without_volatile(old.response), _without_volatile(new.response)
    if before == after:
        return True
    is_cut = before.ended in {"", CLIENT, WAITING} and after.ended in {CLIENT, WAITING}
    whole, part = (replace(each, body=None, ended="") for each in (before, after))
    return is_cut and whole == part and _begins(before, after)


def _without_volatile(response: StoredResponse) -> StoredResponse:
    return replace(response, chunks=(), pauses=())


def _begins(whole: StoredResponse, part: StoredResponse) -> bool:
    is_text = isinstance(whole.body, TextBody) is isinstance(part.body, TextBody) or part.body is None
    return is_text and body_to_bytes(whole.body).startswith(body_to_bytes(part.body))
