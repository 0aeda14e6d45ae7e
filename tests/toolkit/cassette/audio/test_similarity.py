"""
A retake keeps the accepted sound where nobody can hear that another processor rounded it.
"""

from __future__ import annotations

import base64
import json
import math
from array import array
from collections.abc import Callable

import pytest

from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.content import Content
from taketwo.cassette.model import Cassette, LiveRequest, LiveResponse
from taketwo.cassette.stabilize import stabilize
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import get, take_of

SPOKEN = array("h", (round(9000 * math.sin(step / 7)) for step in range(2400)))
LAST_BITS = array("h", (sample + step % 2 for step, sample in enumerate(SPOKEN)))
LOUDER = array("h", (round(1.05 * sample) for sample in SPOKEN))
LONGER = SPOKEN + array("h", [0] * 10)
Exchange = tuple[LiveRequest, LiveResponse]


def raw(samples: array[int], path: str = "/speech") -> Exchange:
    headers = (("content-type", "audio/pcm;rate=24000"),)
    return get(f"http://a.test{path}"), LiveResponse(status=200, headers=headers, body=samples.tobytes())


def in_json(samples: array[int], path: str = "/speech") -> Exchange:
    body = json.dumps({"audio": base64.b64encode(samples.tobytes()).decode(), "sample_rate": 24000})
    headers = (("content-type", "application/json"),)
    return get(f"http://a.test{path}"), LiveResponse(status=200, headers=headers, body=body.encode())


Way = Callable[..., Exchange]


def both(cassette: Cassette) -> tuple[str, dict[str, Content]]:
    return dump_cassette(cassette), attachments(cassette)


@pytest.mark.parametrize("way", [raw, in_json])
def test_what_nobody_hears_changes_not_one_byte(way: Way) -> None:
    accepted = take_of(way(SPOKEN), way(LOUDER, "/other"))

    carried = stabilize(accepted, take_of(way(LAST_BITS), way(LOUDER, "/other")))

    assert both(carried) == both(accepted)


@pytest.mark.parametrize("way", [raw, in_json])
@pytest.mark.parametrize("samples", [LOUDER, LONGER])
def test_what_can_be_heard_is_another_sound(way: Way, samples: array[int]) -> None:
    take = take_of(way(samples))

    carried = stabilize(take_of(way(SPOKEN)), take)

    assert both(carried) == both(take)


def test_the_answer_to_another_request_is_another_sound() -> None:
    take = take_of(raw(LAST_BITS, "/other"))

    assert both(stabilize(take_of(raw(SPOKEN)), take)) == both(take)


def test_silence_is_no_sound_of_its_own() -> None:
    """
    Of nothing, a hundredth is nothing: a click in silence is heard.
    """
    silence, click = array("h", [0] * 2400), array("h", [0] * 2399 + [500])
    take = take_of(raw(click))

    assert both(stabilize(take_of(raw(silence)), take)) == both(take)
