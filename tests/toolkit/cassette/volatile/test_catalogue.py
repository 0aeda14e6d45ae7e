"""
Every entry of the catalogue finds the value that it is for, and leaves what only looks like one.
"""

from __future__ import annotations

import json
import random
import string
from collections.abc import Mapping
from typing import Any

import pytest

from taketwo.cassette.model import Cassette, JsonBody, JsonValue, Pairs, TextBody
from taketwo.cassette.volatile.catalogue import catalogue_of, vendor
from taketwo.cassette.volatile.detect import Detector
from taketwo.cassette.volatile.words import looks_random
from taketwo.config.placeholders import PlaceholderType
from taketwo.config.volatile import CATALOGUES, SECTIONS, VolatileConfig
from tests.toolkit.cassette.exchanges import JSON, answer, get, take_of

NOW = 1_790_000_000.0
SIGNS = string.ascii_letters + string.digits

PATTERNS = {
    r"(?<![\w/])files/[a-z0-9]{10,40}": ("files/a1b2c3d4e5f6", "files/configuration"),
    r"(?<=[?&]upload_id=)[\w-]{16,}": (
        "http://x.test/?upload_id=AbC0dEf1GhI2jKl3",
        "?upload_id=second-attempt-2",
    ),
    r"(?<![\w/])batches/[a-z0-9]{16,40}": ("batches/a1b2c3d4e5f6a1b2c3", "batches/internationalized"),
    r"(?<![\w/])cachedContents/[a-z0-9]{16,40}": ("cachedContents/a1b2c3d4e5f6a1b2c3", "cachedContents/main"),
    r"(?<=operations/)[a-z0-9-]{10,40}": ("models/m/operations/a1b2c3d4e5f6", "operations/create-index"),
    r"(?<![\w-])F0[0-9A-Z]{7,11}(?![\w-])": ("F0AB12CD34E", "F0O"),
    r"(?<![\w-])Ev0[0-9A-Z]{7,11}(?![\w-])": ("Ev0AB12CD34E", "Ev0L"),
    r"(?<=/upload/v1/)[\w-]{16,}": ("/upload/v1/CwABAAAAXAoAAVnX09KpAb", "/upload/v1/second-attempt-of-all"),
    r"(?<![\w.])\d{9,14}\.\d{9,14}\.[0-9a-f]{32}(?![\w.])": (
        "13345224609.738474920123.8088930838d88f008e08088930838d88",
        "10.2.3",
    ),
    r"(?<![\w-])[A-Z]{1,6}_k[A-Za-z0-9_-]{10,}": ("PR_kwDOAbCd1Ef4xYz", "A_keyboard_layout"),
    r"(?<![\w-])[0-7][0-9A-HJKMNP-TV-Z]{25}(?![\w-])": ("01HZX3KQ5V8WJ2M4N6P7R9S0T1", "0123456789"),
}
NO_IDS = [
    "file-system",
    "file-backup-20240101",
    "file_name_prefix",
    "msg_template",
    "call_center",
    "run_configuration",
    "step_2024",
    "thread_pool_executor",
    "price_list_2025",
    "card_holder_name",
    "batch_processing",
    "sub_category",
    "+1 202 555 0123",
    "978-3-16-148410-0",
    "1299.00",
    "v2.31.0",
    "gpt-4o-mini-2024-07-18",
    "claude-3-5-sonnet-20241022",
]


def entries(section: str) -> list[tuple[str, str, str]]:
    """
    The vendor, the name and the type of each entry.
    """
    return [(name, entry, kind) for name in CATALOGUES for entry, kind in table(name, section).items()]


def beside() -> list[tuple[str, str, str]]:
    return [
        (other, member, kind)
        for name in CATALOGUES
        for other, members in table(name, "beside").items()
        for member, kind in members.items()
    ]


def table(name: str, section: str) -> dict[str, Any]:
    found = vendor(name).get(section, {})
    assert isinstance(found, dict)
    return found


def recorded(value: JsonValue | str, headers: Pairs = JSON) -> Cassette:
    content = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return take_of((get("http://a.test/"), answer(content.encode(), headers)), finder=Detector(now=NOW))


def kept(value: JsonValue | str) -> object:
    body = recorded(value, JSON if not isinstance(value, str) else ()).interactions[0].response.body
    assert isinstance(body, JsonBody | TextBody)
    return body.value if isinstance(body, JsonBody) else body.text


def rest(seed: str) -> str:
    dice = random.Random(seed)  # noqa: S311 - a test repeats itself
    return "".join(dice.choices(SIGNS, k=20))


@pytest.mark.parametrize(("vendor_name", "prefix", "kind"), entries("prefixes"))
def test_a_prefix_finds_what_is_random_behind_it(vendor_name: str, prefix: str, kind: str) -> None:
    text = f"{prefix}{rest(vendor_name + prefix)}"

    assert kind == "id"
    assert kept({"a": text, "in": f"see {text}."}) == {
        "a": f"<id:1:{prefix}[A-Za-z0-9]{{20}}>",
        "in": f"see <id:1:{prefix}[A-Za-z0-9]{{20}}>.",
    }
    assert kept({"a": f"{prefix}system", "b": f"x{text}", "c": prefix}) == {
        "a": f"{prefix}system",
        "b": f"x{text}",
        "c": prefix,
    }


@pytest.mark.parametrize("text", NO_IDS)
def test_a_name_a_number_and_a_version_are_no_ids(text: str) -> None:
    assert kept({"id": text, "text": f"see {text}."}) == {"id": text, "text": f"see {text}."}


@pytest.mark.parametrize(("vendor_name", "pattern", "kind"), entries("patterns"))
def test_a_pattern_finds_its_example_and_leaves_words(vendor_name: str, pattern: str, kind: str) -> None:
    found, other = PATTERNS[pattern]

    assert (vendor_name in CATALOGUES, kind) == (True, "id")
    assert "<id:1" in str(kept({"a": found}))
    assert kept({"a": other}) == {"a": other}


@pytest.mark.parametrize(("vendor_name", "member", "kind"), entries("members"))
def test_a_member_is_found_by_its_name(vendor_name: str, member: str, kind: str) -> None:
    values: dict[str, JsonValue] = {"id": rest(vendor_name), "text": "x7", "any": 12}
    placeholders = {"id": "<id:1>", "text": "<any:text>", "any": "<any:number>"}
    value, placeholder = values[kind], placeholders[kind]

    assert kept({member: value}) == {member: placeholder}
    assert kept({f"{member}x": value}) == {f"{member}x": value}
    if kind == "id":
        assert kept({member: "first-page"}) == {member: "first-page"}


@pytest.mark.parametrize(("other", "member", "kind"), beside())
def test_a_member_is_found_beside_another(other: str, member: str, kind: str) -> None:
    placeholder = "<id:1:number>" if kind == "id" else "<any:number>"

    assert kept({other: "x", member: 123_456_789}) == {other: "x", member: placeholder}
    assert kept({other: {"a": ["x"]}, member: 123_456_789}) == {other: {"a": ["x"]}, member: placeholder}
    assert kept({"a": {other: "x"}, member: 123_456_789}) == {"a": {other: "x"}, member: 123_456_789}


@pytest.mark.parametrize(("vendor_name", "element", "kind"), entries("elements"))
def test_an_element_of_xml_is_found_by_its_name(vendor_name: str, element: str, kind: str) -> None:
    text = f"<a><{element}>{rest(vendor_name)}</{element}></a>"

    assert kept(text) == f"<a><{element}><{kind}:1></{element}></a>"
    assert kept(f"<{element}>null</{element}>") == f"<{element}>null</{element}>"
    assert kept(text.replace(element, f"{element}x")) == text.replace(element, f"{element}x")


@pytest.mark.parametrize(("vendor_name", "header", "kind"), entries("response_headers"))
def test_a_header_of_an_answer_is_found_by_its_name(vendor_name: str, header: str, kind: str) -> None:
    name, _, value = header.replace("*", "a1").partition(": ")
    value = value or (rest(vendor_name) if kind == "id" else "12ms")
    shown = {
        "drop": [],
        "id": [(name, "<id:1>")],
        "etag": [(name, "<etag:1>")],
        "any": [(name, "<any:duration>")],
    }

    assert headers_of(recorded("x", ((name, value),))) == shown[kind]
    assert headers_of(recorded("x", ((f"q-{name}-q", value),))) == [(f"q-{name}-q", value)]


@pytest.mark.parametrize(("vendor_name", "header", "kind"), entries("request_headers"))
def test_a_header_of_a_request_is_dropped_by_its_name(vendor_name: str, header: str, kind: str) -> None:
    name = header.replace("*", "a1")
    asked = get("http://a.test/", ((name, "1"), ("x-other", vendor_name)))

    cassette = take_of((asked, answer(b"x")))

    assert kind == "drop"
    assert cassette.interactions[0].request.headers == (("x-other", vendor_name),)


@pytest.mark.parametrize(
    ("name", "value", "placeholder"),
    [
        ("created", int(NOW), "<time:1:seconds>"),
        ("created_at", int(NOW) * 1000 + 123, "<time:1:milliseconds>"),
        ("exp", int(NOW) + 3600, "<time:1:seconds>"),
        ("iat", str(int(NOW)), "<time:1:seconds-text>"),
        ("expiresAt", int(NOW) + 30 * 86_400, "<time:1:seconds>"),
        ("ts", "1790000000.000247", "<time:1:dotted>"),
        ("at", NOW + 0.124502, "<time:1:fractional>"),
        ("text", "re 1790000000.000247", "re <time:1:dotted>"),
        (
            "link",
            "https://x.slack.com/archives/C1/p1790000000000247",
            "https://x.slack.com/archives/C1/p<time:1:dotless>",
        ),
    ],
)
def test_a_number_is_a_time_by_its_name_and_size(name: str, value: JsonValue, placeholder: str) -> None:
    assert kept({name: value}) == {name: placeholder}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("created", 1_262_304_000),  # 2010: part of the data
        ("created", 42),
        ("phone", 2_025_550_123),
        ("isbn", 1_790_000_000),
        ("amount", 1_790_000_000),
        ("version", "1790000000"),
        ("ip", "1790000000.0002479"),
    ],
)
def test_other_numbers_are_no_times(name: str, value: JsonValue) -> None:
    assert kept({name: value}) == {name: value}


def test_every_section_of_every_file_is_known() -> None:
    known = {*SECTIONS, "beside", "times"}

    assert [{*vendor(name)} - known for name in CATALOGUES] == [set()] * len(CATALOGUES)


@pytest.mark.parametrize(
    ("name", "text", "is_drawn"),
    [
        ("idempotency-key", "a16cb36d-8218-26f9-059d-770d5ab0b656", True),
        ("x-tenant", "a16cb36d-8218-26f9-059d-770d5ab0b656", False),
        ("x-tenant", "a16cb36d-8218-46f9-859d-770d5ab0b656", True),
    ],
)
def test_a_uuid_of_no_version_is_drawn_where_its_name_says_so(name: str, text: str, is_drawn: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """
    Stripe's SDK makes its keys of random bytes, without the digits that tell the version of a uuid.
    """
    finder, path = Detector(now=NOW), ("request", "headers", name)

    (found,) = finder.find(path, text)

    assert finder.is_drawn(found, path) is is_drawn


def test_a_project_adds_retypes_and_switches_off() -> None:
    own: Mapping[str, Mapping[str, PlaceholderType | None]] = {
        "prefixes": {"ord_": PlaceholderType.ID, "cus_": None},
        "members": {"lease": PlaceholderType.ANY, "created": None},
        "response_headers": {"cf-ray": None, "x-cost": PlaceholderType.DROP},
    }
    catalogue = catalogue_of(VolatileConfig(("stripe",), own))
    finder = Detector(catalogue=catalogue, now=NOW)
    headers = (*JSON, ("cf-ray", "8f-FRA"), ("x-cost", "12"))
    value = {
        "a": "ord_1a2B3c4D5e",
        "b": "cus_1a2B3c4D5e",
        "c": "evt_1a2B3c4D5e",
        "lease": 5,
        "created": int(NOW),
    }

    cassette = take_of((get("http://a.test/"), answer(json.dumps(value).encode(), headers)), finder=finder)

    body = cassette.interactions[0].response.body
    assert isinstance(body, JsonBody)
    assert body.value == {**value, "a": "<id:1:ord_[A-Za-z0-9]{10}>", "lease": "<any:number>"}
    assert headers_of(cassette) == [("cf-ray", "8f-FRA")]


def headers_of(cassette: Cassette) -> list[tuple[str, str]]:
    return [pair for pair in cassette.interactions[0].response.headers if pair[0] != "content-type"]


@pytest.mark.parametrize("alphabet", [SIGNS, "0123456789abcdef", string.ascii_lowercase + string.digits])
@pytest.mark.parametrize("length", [16, 20, 24])
def test_random_ids_are_told_from_words(alphabet: str, length: int) -> None:
    dice = random.Random(f"{alphabet}{length}")  # noqa: S311 - a test repeats itself
    ids = ["".join(dice.choices(alphabet, k=length)) for _ in range(2000)]

    assert sum(map(looks_random, ids)) >= 1990


@pytest.mark.parametrize(
    "word",
    ["configuration", "report-2024", "HelloWorld", "read_file_contents", "strength", "v1beta1", "12345678"],
)
def test_words_are_not_random(word: str) -> None:
    assert not looks_random(word)
