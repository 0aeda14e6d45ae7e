"""
Answers in the words of OpenAI's chat completions: whole, or as the events of a stream.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from scripted_llm.script import Answer, Calling, Json, Saying

_PIECE: Final = 48  # characters of a call's arguments in one event


@dataclass(frozen=True, slots=True)
class Completion:
    """
    The answer to one request; its ids are made of the request, so that equal requests have equal answers.
    """

    request: Mapping[str, Json]
    answer: Answer
    created: int

    def whole(self) -> dict[str, Json]:
        message: dict[str, Json] = {"role": "assistant", "content": None}
        if isinstance(self.answer, Saying):
            message["content"] = self.answer.text
        else:
            arguments = _arguments(self.answer)
            message["tool_calls"] = [_call(self._id("call_"), self.answer.name, arguments)]
        choice: Json = {"index": 0, "message": message, "finish_reason": self._reason}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage()}

    def events(self) -> Iterator[str]:
        """
        The events of a stream, each as the line that is sent.
        """
        yield self._event({"role": "assistant", "content": ""})
        for delta in self._deltas():
            yield self._event(delta)
        yield self._event({}, reason=self._reason)
        options = self.request.get("stream_options")
        if isinstance(options, dict) and options.get("include_usage") is True:
            yield _sent({**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage()})
        yield "data: [DONE]\n\n"

    @property
    def _reason(self) -> str:
        return "stop" if isinstance(self.answer, Saying) else "tool_calls"

    def _deltas(self) -> Iterator[dict[str, Json]]:
        if isinstance(self.answer, Saying):
            yield from ({"content": word} for word in re.findall(r"\s*\S+", self.answer.text))
            return
        yield _calling(_call(self._id("call_"), self.answer.name, ""))
        arguments = _arguments(self.answer)
        for start in range(0, len(arguments), _PIECE):
            yield _calling({"function": {"arguments": arguments[start : start + _PIECE]}})

    def _event(self, delta: dict[str, Json], *, reason: str | None = None) -> str:
        choice: Json = {"index": 0, "delta": delta, "finish_reason": reason}
        return _sent({**self._head("chat.completion.chunk"), "choices": [choice]})

    def _head(self, kind: str) -> dict[str, Json]:
        model = str(self.request.get("model", "scripted"))
        return {"id": self._id("chatcmpl-"), "object": kind, "created": self.created, "model": model}

    def _id(self, prefix: str) -> str:
        text = json.dumps(self.request, sort_keys=True)
        return prefix + hashlib.sha256(f"{prefix}{text}".encode()).hexdigest()[:24]

    def _usage(self) -> dict[str, Json]:
        """
        Words in the place of tokens: nothing here counts those.
        """
        asked = len(json.dumps(self.request.get("messages", [])).split())
        said = self.answer.text if isinstance(self.answer, Saying) else _arguments(self.answer)
        answered = len(said.split())
        return {
            "prompt_tokens": asked,
            "completion_tokens": answered,
            "total_tokens": asked + answered,
        }


def _arguments(answer: Calling) -> str:
    return json.dumps(answer.arguments)


def _call(call_id: str, name: str, arguments: str) -> dict[str, Json]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _calling(call: dict[str, Json]) -> dict[str, Json]:
    return {"tool_calls": [{"index": 0, **call}]}


def _sent(event: dict[str, Json]) -> str:
    return f"data: {json.dumps(event, separators=(',', ':'))}\n\n"
