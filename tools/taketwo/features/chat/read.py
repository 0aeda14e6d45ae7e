"""
Which interactions of a cassette are calls of language models.
"""

from __future__ import annotations

import re

from taketwo.cassette.model import Body, EventsBody, Interaction, JsonBody
from taketwo.features.chat import anthropic, gemini, openai
from taketwo.features.chat.dialogue import Dialogue, Object, an_object, objects

_GEMINI = re.compile(r"/models/([^/:]+):(?:streamG|g)enerateContent\Z")


def dialogue_of(item: Interaction) -> Dialogue | None:
    """
    The call of a model that *item* is, or None.
    """
    body = item.request.body
    asked = an_object(body.value) if isinstance(body, JsonBody) else {}
    path = item.request.url.rstrip("/")
    answer, events = _answer(item.response.body), _events(item.response.body)
    if path.endswith("/chat/completions") and "messages" in asked:
        return openai.chat_completion(asked, answer, events)
    if path.endswith("/responses") and "input" in asked:
        return openai.response(asked, answer, events)
    if path.endswith("/messages") and "messages" in asked and "max_tokens" in asked:
        return anthropic.message(asked, answer, events)
    found = _GEMINI.search(path)
    return gemini.content(asked, answer, events, model=found[1]) if found and "contents" in asked else None


def _answer(body: Body) -> Object:
    return an_object(body.value) if isinstance(body, JsonBody) else {}


def _events(body: Body) -> list[Object]:
    if isinstance(body, EventsBody):
        data = (event.data for event in body.events)
        return [an_object(one.value) for one in data if one is not None]
    # Gemini streams a list where nobody asks for events.
    return list(objects(body.value)) if isinstance(body, JsonBody) else []
