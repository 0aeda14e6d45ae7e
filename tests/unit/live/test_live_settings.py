"""
Which room a live run uses, and what is said of variables that cannot be used.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.errors import SettingsError
from tests.live.live_settings import LiveSettings, is_on, missing_credentials, read_live_settings

KEY = "d41ly-s3cret"
CREDENTIALS = {"DAILY_DOMAIN": "example", "DAILY_API_KEY": KEY}
NOWHERE = Path("no-such.env")


def read(**variables: str) -> LiveSettings:
    return read_live_settings(CREDENTIALS | variables, dotenv=NOWHERE, suffix=lambda: "0123456789")


@pytest.mark.parametrize(
    ("variables", "room"),
    [
        ({}, "pipecat-int-0123456789"),
        ({"DAILY_TEST_ROOM_PREFIX": "mine"}, "mine-0123456789"),
        ({"DAILY_TEST_ROOM": "ours"}, "ours-0123456789"),
        ({"DAILY_TEST_ROOM": "ours", "DAILY_TEST_ROOM_PREFIX": "mine"}, "ours-0123456789"),
        ({"DAILY_TEST_ROOM": "ours", "PIPECAT_UNIQUE_DAILY_ROOMS": "1"}, "ours-0123456789"),
        ({"DAILY_TEST_ROOM": "ours", "PIPECAT_UNIQUE_DAILY_ROOMS": "0"}, "ours"),
        ({"DAILY_TEST_ROOM": "ours", "PIPECAT_UNIQUE_DAILY_ROOMS": "False"}, "ours"),
        ({"DAILY_TEST_ROOM": "", "PIPECAT_UNIQUE_DAILY_ROOMS": ""}, "pipecat-int-0123456789"),
    ],
)
def test_the_name_of_the_room(variables: dict[str, str], room: str) -> None:
    settings = read(**variables)

    assert settings.room == room
    assert settings.is_unique == room.endswith("-0123456789")


def test_each_run_has_ten_hexadecimal_digits_of_its_own() -> None:
    rooms = {read_live_settings(CREDENTIALS, dotenv=NOWHERE).room for _ in range(20)}

    assert len(rooms) == 20
    assert all(re.fullmatch(r"pipecat-int-[0-9a-f]{10}", room) for room in rooms)


@pytest.mark.parametrize("domain", ["example", "example.daily.co", "https://example.daily.co/"])
def test_the_domain_may_be_given_as_an_address(domain: str) -> None:
    assert read(DAILY_DOMAIN=domain).room_url == "https://example.daily.co/pipecat-int-0123456789"


def test_variables_may_stand_in_a_dotenv_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("DAILY_DOMAIN=example\nDAILY_API_KEY=k\nDAILY_TEST_ROOM=ours\n", encoding="utf-8")

    settings = read_live_settings({"DAILY_TEST_ROOM": "mine"}, dotenv=dotenv, suffix=lambda: "ff")

    assert (settings.domain, settings.room, settings.api_key) == ("example", "mine-ff", "k")


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(read())


def test_every_mistake_is_reported() -> None:
    with pytest.raises(SettingsError) as raised:
        read_live_settings(
            {
                "DAILY_DOMAIN": "not a domain",
                "PIPECAT_UNIQUE_DAILY_ROOMS": "maybe",
                "DAILY_TEST_ROOM": "a room",
                "DAILY_API_URL": "ftp://daily",
                "PIPECAT_ASSISTANT_TIMEOUT_SECS": "-1",
            },
            dotenv=NOWHERE,
            suffix=lambda: "ff",
        )

    assert raised.value.problems == (
        "DAILY_API_KEY is not set",
        "PIPECAT_UNIQUE_DAILY_ROOMS must be 1 or 0, not 'maybe'",
        "DAILY_DOMAIN must be NAME of https://NAME.daily.co, not 'not a domain'",
        "DAILY_TEST_ROOM may have letters, digits, - and _, and 128 characters with its suffix: 'a room-ff'",
        "DAILY_API_URL must be a plain http:// or https:// address, not 'ftp://daily'",
        "PIPECAT_ASSISTANT_TIMEOUT_SECS must be a number of seconds above 0, not '-1'",
    )


def test_a_room_as_it_is_has_to_be_named() -> None:
    with pytest.raises(SettingsError, match="DAILY_TEST_ROOM is not set, and PIPECAT_UNIQUE_DAILY_ROOMS=0"):
        read(PIPECAT_UNIQUE_DAILY_ROOMS="0")


def test_a_mistake_does_not_show_the_key() -> None:
    with pytest.raises(SettingsError) as raised:
        read(DAILY_TEST_ROOM=f"{KEY} {KEY}")

    assert KEY not in str(raised.value)


def test_credentials_that_are_missing() -> None:
    assert missing_credentials({}) == ["DAILY_DOMAIN", "DAILY_API_KEY"]
    assert missing_credentials({"DAILY_DOMAIN": "example", "DAILY_API_KEY": ""}) == ["DAILY_API_KEY"]
    assert missing_credentials(CREDENTIALS) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("TRUE", True), ("on", True), ("0", False), ("", False), ("2", False)],
)
def test_a_switch(value: str, *, expected: bool) -> None:
    assert is_on({"SWITCH": value}, "SWITCH") is expected
    assert is_on({}, "SWITCH") is False
