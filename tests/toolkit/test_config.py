"""
``[tool.taketwo]``: what it may say, and every mistake in it at once.
"""

from __future__ import annotations

import textwrap
import tomllib
from pathlib import Path

import pytest

from taketwo.config.audio import AudioRule
from taketwo.config.playback import Manner, Pace
from taketwo.config.project import Config, load_config, parse_config
from taketwo.config.services import ContractPaths, Reset, ResetKind, ServiceConfig
from taketwo.errors import ConfigError

ROOT = Path("/project")


def parsed(text: str) -> Config:
    return parse_config(tomllib.loads(textwrap.dedent(text)), root=ROOT)


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    title, *lines = str(caught.value).splitlines()
    assert title == "pyproject.toml cannot be used:"
    return lines


def test_an_empty_table_means_the_defaults() -> None:
    assert parsed("") == Config(
        root=ROOT,
        cassettes=ROOT / "cassettes",
        tests=ROOT / "tests",
        services={},
        secrets=(),
        redact=(),
        dotenv=ROOT / ".env",
    )


def test_the_locks_lie_among_the_cassettes() -> None:
    assert parsed('cassettes = "recorded"').locks == ROOT / "recorded" / "contracts"


def test_a_service_needs_only_a_command() -> None:
    assert parsed('[services.mesh]\ncommand = ["mesh", "{port}"]').services == {
        "mesh": ServiceConfig(
            name="mesh",
            command=("mesh", "{port}"),
            health=None,
            reset=None,
            contract=ContractPaths(graphql=None, openapi=None, definitions=None),
            address=None,
            environment={},
            secrets={},
            headers={},
            startup=30.0,
            url="http://mesh.test",
        )
    }


def test_or_only_the_address_of_one_that_runs() -> None:
    assert parsed('[services.mesh]\naddress = "MESH_URL"').services["mesh"].command == ()


def test_everything_can_be_said() -> None:
    config = parsed(
        """
        cassettes = "recorded"
        tests = "test"
        secrets = ["MY_KEY"]
        redact = ["plate"]

        [services.mesh]
        command = ["python", "-m", "mesh", "--port", "{port}"]
        health = "/health"
        reset = "/reset"
        contract = { graphql = "/graphql", openapi = "/openapi.json", definitions = "/definitions" }
        address = "MESH_URL"
        environment = { MESH_URL = "{url}" }
        secrets = { MESH_SECRET = "s" }
        headers = { x-secret = "{MESH_SECRET}" }
        startup = 5
        url = "https://mesh.example/base/"
        """
    )

    assert config == Config(
        root=ROOT,
        cassettes=ROOT / "recorded",
        tests=ROOT / "test",
        secrets=("MY_KEY",),
        redact=("plate",),
        dotenv=ROOT / ".env",
        services={
            "mesh": ServiceConfig(
                name="mesh",
                command=("python", "-m", "mesh", "--port", "{port}"),
                health="/health",
                reset=Reset(kind=ResetKind.REQUEST, path="/reset"),
                contract=ContractPaths(
                    graphql="/graphql", openapi="/openapi.json", definitions="/definitions"
                ),
                address="MESH_URL",
                environment={"MESH_URL": "{url}"},
                secrets={"MESH_SECRET": "s"},
                headers={"x-secret": "{MESH_SECRET}"},
                startup=5.0,
                url="https://mesh.example/base",
            )
        },
    )


def test_every_mistake_is_told_at_once() -> None:
    text = """
        cassetes = "recorded"
        tests = ""
        secrets = "MY_KEY"
        redact = ["plate", 1]
        nonsense = 2026-01-01

        [services.mesh]
        comand = ["mesh"]
        health = "health"
        reset = true
        environment = { MESH_URL = 1 }
        startup = -1
        url = "mesh.test"

        [services.mesh.contract]
        grahpql = "/graphql"
        openapi = ["/openapi.json"]

        [services.chorus]
        command = "chorus"
        contract = "/graphql"
        startup = 2026-01-01
        """

    with pytest.raises(ConfigError) as caught:
        parsed(text)

    assert str(caught.value) == (
        "pyproject.toml cannot be used:\n"
        "tool.taketwo.cassetes is not known; did you mean cassettes?\n"
        "tool.taketwo.nonsense is not known; "
        "known are allowed_hosts, audio, block_network, cassettes, contract, conversations, dotenv, "
        "freeze, keep, match_headers, max_age, missing, order, patience, placeholders, prices, redact, "
        "repeats, secrets, services, sleep, store, tests, unplayed, unused, volatile\n"
        "tool.taketwo.redact: expected a list of strings, got a list that holds a number\n"
        "tool.taketwo.secrets: expected a list of strings, got a string\n"
        "tool.taketwo.services.chorus.command: expected a list of strings, got a string\n"
        "tool.taketwo.services.chorus.contract: expected a table, got a string\n"
        "tool.taketwo.services.chorus.startup: expected a number of seconds above 0, got a date or a time\n"
        "tool.taketwo.services.mesh.comand is not known; did you mean command?\n"
        "tool.taketwo.services.mesh.contract.grahpql is not known; did you mean graphql?\n"
        "tool.taketwo.services.mesh.contract.openapi: expected a path that starts with /, "
        '{ file = "…" }, { url = "…", sha256 = "…" } or { package = "…", path = "…" }, got a list\n'
        "tool.taketwo.services.mesh.environment: "
        "expected a table of strings, got a table that holds a number\n"
        "tool.taketwo.services.mesh.health: expected a path that starts with /, got a string\n"
        "tool.taketwo.services.mesh.reset: "
        'expected a path that starts with /, a command as a list, or "restart", got a boolean\n'
        "tool.taketwo.services.mesh.startup: expected a number of seconds above 0, got -1\n"
        "tool.taketwo.services.mesh.url: expected an address such as http://name.test, got a string\n"
        "tool.taketwo.tests: expected a non-empty string, got an empty string"
    )


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("services = 1", "tool.taketwo.services: expected a table, got a number"),
        (
            "services.mesh = 1",
            "tool.taketwo.services: expected one table for each service, got a table that holds a number",
        ),
        (
            "[services.mesh]\ncommand = []",
            "tool.taketwo.services.mesh has no command that starts it, and no address or url of its own",
        ),
        ("cassettes = 1.5", "tool.taketwo.cassettes: expected a non-empty string, got a number"),
        (
            '[services.mesh]\ncommand = ["mesh", "{port}"]\nstartup = nan',
            "tool.taketwo.services.mesh.startup: expected a number of seconds above 0, got nan",
        ),
    ],
)
def test_one_mistake_is_told_once(text: str, mistake: str) -> None:
    assert mistakes(text) == [mistake]


def test_what_is_no_table_is_told() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config([], root=ROOT)

    assert str(caught.value) == "pyproject.toml cannot be used:\ntool.taketwo: expected a table, got a list"


@pytest.mark.parametrize("text", ["", "[project]\nname = 'a'\n", "[tool.other]\n", "tool = 1\n"])
def test_a_project_without_the_table_takes_no_part(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)

    assert load_config(tmp_path) is None


def test_a_folder_without_a_project_takes_no_part(tmp_path: Path) -> None:
    assert load_config(tmp_path) is None


def test_the_table_is_read_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.taketwo]\ntests = 'spec'\n")

    config = load_config(tmp_path)

    assert config is not None
    assert (config.root, config.tests) == (tmp_path, tmp_path / "spec")


def test_a_file_that_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.taketwo]\ntests =\n")

    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)

    assert str(caught.value) == (
        f"{tmp_path / 'pyproject.toml'} cannot be read: Invalid value (at line 2, column 8)"
    )


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")

    with pytest.raises(ConfigError, match=r"pyproject\.toml cannot be read: 'utf-8' codec can't decode"):
        load_config(tmp_path)


def test_rules_for_placeholders_are_read() -> None:
    config = parsed(
        """
        placeholders = [
            { path = 'response.json."a.b".*', type = "counter" },
            { pattern = '\\d{4}-[a-z]+', type = "id" },
        ]
        """
    )

    assert [(rule.type.value, rule.path, rule.pattern) for rule in config.placeholders] == [
        ("counter", 'response.json."a.b".*', ""),
        ("id", "", r"\d{4}-[a-z]+"),
    ]


def test_the_mistakes_in_rules_for_placeholders_are_told_together() -> None:
    text = """
        placeholders = [
            { type = "countr", path = "response.json.a" },
            { path = "json.a", type = "id" },
            { pattern = "(a|b)", type = "id" },
            { pattern = "[z-a]", type = "id" },
            { type = "id" },
            { path = "response..a", typ = "id" },
        ]
        """

    signs = "signs, classes such as [a-z0-9], \\d, \\w and counts such as {12}"
    assert "\n".join(mistakes(text)) == (
        "tool.taketwo.placeholders[1].type: "
        "expected one of counter, id, time, uuid, etag, any, text, drop, got a string; "
        "did you mean counter?\n"
        "tool.taketwo.placeholders[2].path: "
        "expected a side and a place, such as response.json.items.*.id; the sides are request and response, "
        "the places json, text, form, parts, events, headers, query, url; it is 'json.a'\n"
        f"tool.taketwo.placeholders[3].pattern: expected {signs}, and no '(a|b)'; it is '(a|b)'\n"
        f"tool.taketwo.placeholders[4].pattern: "
        f"expected {signs}, and no empty range z-a; it is '[z-a]'\n"
        "tool.taketwo.placeholders[5] has neither a path nor a pattern, so it finds nothing\n"
        "tool.taketwo.placeholders[6] has no type; "
        "the types are counter, id, time, uuid, etag, any, text, drop\n"
        "tool.taketwo.placeholders[6].path: "
        "expected names between dots, with those in quotes that have a dot themselves; it is 'response..a'\n"
        "tool.taketwo.placeholders[6].typ is not known; did you mean type?"
    )


def test_what_conversations_and_audio_are_like_is_read() -> None:
    config = parsed(
        """
        conversations = { pace = "recorded", patience = 0.5 }
        audio = [
            { path = "/v1/*/stream", rate = 24000 },
            { content_type = "audio/X-raw", rate = 8000, channels = 2 },
        ]
        """
    )

    assert config.conversations == Manner(pace=Pace.RECORDED, patience=0.5)
    assert config.audio == (
        AudioRule(rate=24000, path="/v1/*/stream"),
        AudioRule(rate=8000, channels=2, content_type="audio/x-raw"),
    )


def test_the_mistakes_about_conversations_and_audio_are_told_together() -> None:
    text = """
        conversations = { pace = "slow", patience = 0, pase = 1 }
        audio = [
            { path = "v1", rate = 24000 },
            { content_type = "audio/pcm; rate=1", rate = 1, channels = 9 },
            { rate = 8000 },
            { path = "/v1", chanels = 2 },
        ]
        """

    assert "\n".join(mistakes(text)) == (
        "tool.taketwo.audio[1].path: expected a path that starts with /, got a string\n"
        "tool.taketwo.audio[2].channels: expected a number from 1 to 8, got 9\n"
        "tool.taketwo.audio[2].content_type: "
        "expected a type such as audio/pcm, without parameters, got a string\n"
        "tool.taketwo.audio[2].rate: expected a number from 4000 to 384000, got 1\n"
        "tool.taketwo.audio[3] has neither a path nor a content_type, so it finds nothing\n"
        "tool.taketwo.audio[4] has no rate, such as 24000\n"
        "tool.taketwo.audio[4].chanels is not known; did you mean channels?\n"
        "tool.taketwo.conversations.pace: expected one of fast, recorded, got 'slow'\n"
        "tool.taketwo.conversations.pase is not known; did you mean pace?\n"
        "tool.taketwo.conversations.patience: expected a number of seconds above 0, got 0"
    )
