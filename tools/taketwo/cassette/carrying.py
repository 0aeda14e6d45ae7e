"""
What a take keeps of the accepted cassette, since it is chance and means nothing.

The network decides where a streamed body is cut. A take that says the same as the accepted cassette, but for
such things, becomes the same to the byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from taketwo.cassette.alike import with_accepted_sounds
from taketwo.cassette.body import body_to_bytes
from taketwo.cassette.conversation_carrying import carried_conversations
from taketwo.cassette.embedding import with_files
from taketwo.cassette.model import CLIENT, WAITING, Cassette, Interaction, StoredResponse, TextBody


def carried_over(accepted: Cassette | None, take: Cassette) -> Cassette:
    """
    *take* with what chance decides as it is in *accepted*.

    * A streamed body that is the same is cut where it was cut.
    * What was said over a WebSocket has the times and the order that it had, where it is the same.
    * Audio that differs by what nobody hears, since another processor rounded it, is the accepted audio.
    * Of a stream that the client closed, at least as much is kept as was accepted, be that the whole of it:
      how much had come by then is chance.
    """
    if accepted is None:
        return take
    take = with_accepted_sounds(accepted, take)
    carried = replace(
        take,
        interactions=tuple(_carried(accepted.interactions, take.interactions)),
        conversations=tuple(carried_conversations(accepted, take)),
    )
    return with_files(carried, {**accepted.files, **take.files})


def _carried(accepted: Sequence[Interaction], take: Iterable[Interaction]) -> Iterator[Interaction]:
    used: set[int] = set()
    streams = [number for number, old in enumerate(accepted) if _is_stream(old)]
    for new in take:
        # What is no stream now may have been one, and the other way round; most are neither.
        near = range(len(accepted)) if _is_stream(new) else streams
        same = (number for number in near if number not in used and _is_same(accepted[number], new))
        found = next(same, None)
        used.update([] if found is None else [found])
        yield new if found is None else accepted[found]


def _is_stream(interaction: Interaction) -> bool:
    return bool(interaction.response.chunks or interaction.response.ended)


def _is_same(old: Interaction, new: Interaction) -> bool:
    if old.request != new.request:
        return False
    before, after = _without_chance(old.response), _without_chance(new.response)
    if before == after:
        return True
    is_cut = before.ended in {"", CLIENT, WAITING} and after.ended in {CLIENT, WAITING}
    whole, part = (replace(each, body=None, ended="") for each in (before, after))
    return is_cut and whole == part and _begins(before, after)


def _without_chance(response: StoredResponse) -> StoredResponse:
    return replace(response, chunks=())


def _begins(whole: StoredResponse, part: StoredResponse) -> bool:
    is_text = isinstance(whole.body, TextBody) is isinstance(part.body, TextBody) or part.body is None
    return is_text and body_to_bytes(whole.body).startswith(body_to_bytes(part.body))
