"""
Cassettes are written as the lines of their messages say, by whatever shorter way.
"""

from __future__ import annotations

import os
from typing import TypeVar

import pytest

from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Interaction,
    JsonBody,
    JsonStyle,
    JsonValue,
    Pairs,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.text.messages import request_lines, response_lines
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.text.yaml_writer import dump_yaml
from tests.toolkit.cassette.text.test_yaml import Values

REPEATS = int(os.environ.get("TAKETWO_REPEATS", "60"))


_T = TypeVar("_T")


class Messages(Values):
    """
    Interactions of any kind, most of them odd; names and headers come again.
    """

    def pick(self, *these: _T) -> _T:
        return self._dice.choice(these)

    def interactions(self) -> tuple[Interaction, ...]:
        return tuple(self._interaction() for _ in range(4))

    def _interaction(self) -> Interaction:
        request = StoredRequest(
            method=self.pick("GET", "POST", self.text()),
            url=self.pick("http://shop.test/items", self.text()),
            query=self._pairs(),
            headers=self._pairs(),
            body=self._body(),
        )
        response = StoredResponse(
            status=self.pick(200, 404),
            reason=self.pick("", "", self.text()),
            headers=self._pairs(),
            body=self._body(),
            ended=self.pick("", "", "client"),
        )
        return Interaction(request, response)

    def _pairs(self) -> Pairs:
        odd = ((self.pick("a", "on", self.text(), "k" * 1200), self.text()) for _ in range(3))
        return self.pick((), (("accept", "*/*"),), (("page", "1"), ("page", "2")), tuple(odd))

    def _body(self) -> Body:
        style = self.pick(JsonStyle.COMPACT, JsonStyle.INDENTED)
        return self.pick(
            None, JsonBody(self.any(depth=3), style), TextBody(self.text()), BinaryBody(b"\xff" * 80)
        )


@pytest.mark.parametrize("seed", range(REPEATS))
def test_a_cassette_is_written_as_the_lines_of_its_messages_say(seed: int) -> None:
    parts = [
        Cassette(test=f"test_{number}", interactions=Messages(seed=2 * seed + number).interactions())
        for number in range(2)
    ]

    alone, together = dump_cassette(parts[0]), dump_cassette(Cassette(test="", parts=tuple(parts)))

    told = [_told(part) for part in parts]
    assert alone == dump_yaml({"taketwo": 1, **told[0]})
    assert together == dump_yaml({"taketwo": 1, "parts": told})


def _told(part: Cassette) -> dict[str, JsonValue]:
    return {
        "test": part.test,
        "services": {},
        "seed": part.seed,
        "time": part.time,
        "holds": {"interactions": len(part.interactions)},
        "interactions": [
            {"request": request_lines(item.request), "response": response_lines(item.response)}
            for item in part.interactions
        ],
    }
