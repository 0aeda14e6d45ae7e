"""
Of many known values each is found wherever it stands, as it is where there are few.
"""

from __future__ import annotations

import random

import pytest

from taketwo.cassette.secrets.redact import Redactor

SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789"
DICE = random.Random(11)  # noqa: S311 - a test repeats itself
# A sign that is no part of a word, so that a short one is a secret also beside letters.
VALUES = [f"{''.join(DICE.choices(SIGNS, k=3 + number // 2))}!" for number in range(60)]
OF_ONE_KIND = [f"sk-ant-api03-{''.join(DICE.choices(SIGNS, k=40))}" for _ in range(60)]


@pytest.mark.parametrize("before", range(9))
@pytest.mark.parametrize("values", [VALUES, OF_ONE_KIND], ids=["of any length", "of one kind"])
def test_each_of_many_values_is_found_at_any_place(values: list[str], before: int) -> None:
    redactor = Redactor({f"NAME_{number}": value for number, value in enumerate(values)})

    redacted = [redactor.text(f"{'.' * before}{value}.") for value in values]

    assert redacted == [f"{'.' * before}<secret:NAME_{number}>." for number in range(len(values))]


def test_values_that_are_known_later_are_found_beside_those_that_were() -> None:
    early = Redactor({f"NAME_{number}": value for number, value in enumerate(VALUES)})
    assert early.text(OF_ONE_KIND[0]) == OF_ONE_KIND[0]

    late = early.knowing([(f"LATE_{number}", value) for number, value in enumerate(OF_ONE_KIND)])

    assert [late.text(value) for value in OF_ONE_KIND] == [f"<secret:LATE_{n}>" for n in range(60)]
    assert [late.text(value) for value in VALUES] == [f"<secret:NAME_{n}>" for n in range(60)]
    assert early.text(OF_ONE_KIND[0]) == OF_ONE_KIND[0]
