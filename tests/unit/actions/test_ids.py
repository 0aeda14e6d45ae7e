"""Ids: what is one, and who is meant by one."""

from __future__ import annotations

import pytest

from bot.actions.ids import ANONYMOUS, derived_id, is_id, person, require_ids
from bot.errors import InvalidValueError
from tests.fakes import PAGE_ID, USER


@pytest.mark.parametrize(
    ("text", "expected"),
    [(PAGE_ID, True), (PAGE_ID.upper(), True), ("", False), (f"{PAGE_ID}\n", False), (PAGE_ID[:-1], False)],
)
def test_an_id_is_a_uuid_with_its_hyphens(text: str, expected: bool) -> None:  # noqa: FBT001 - by pytest
    assert is_id(text) is expected


def test_a_person_is_known_by_an_id_in_small_letters() -> None:
    assert person(USER.upper()) == USER


def test_all_who_are_anonymous_are_one_person() -> None:
    assert person("anonymous") == ANONYMOUS


def test_a_name_is_nobodys_id() -> None:
    with pytest.raises(InvalidValueError, match="user_id is not a UUID: 'Ann'"):
        person("Ann")


def test_the_argument_that_is_no_id_is_named() -> None:
    with pytest.raises(InvalidValueError, match="note_id is not a UUID: '7'"):
        require_ids(tenant_id=PAGE_ID, note_id="7")


def test_the_same_thing_has_the_same_id_and_another_thing_another() -> None:
    assert derived_id("user", "a@x.test") == derived_id("user", "a@x.test")
    assert len({derived_id("user", "a"), derived_id("user", "b"), derived_id("share", "a")}) == 3
    assert is_id(derived_id("user"))
