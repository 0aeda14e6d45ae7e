"""The bot's settings: what is read, what is derived, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, read_settings

COMPLETE = {
    "MESH_API_ENDPOINT": "http://mesh.test/api",
    "MESH_ENDPOINT": "http://graphql.test/graphql",
    "MESH_SHARED_SECRET": "mesh-s3cret",
    "BOT_CONTROL_SHARED_SECRET": "bot-s3cret",
    "MESH_TIMEOUT": "2.5",
}
NO_FILE = Path("there is no such file")


def problems_of(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environ, dotenv=NO_FILE)
    return caught.value.problems


def test_every_variable_has_its_field() -> None:
    assert read_settings(COMPLETE, dotenv=NO_FILE) == Settings(
        api_url="http://mesh.test/api",
        graphql_url="http://graphql.test/graphql",
        mesh_secret="mesh-s3cret",
        bot_control_secret="bot-s3cret",
        timeout=2.5,
    )


def test_secrets_and_timeout_may_be_left_out() -> None:
    assert read_settings({"MESH_API_ENDPOINT": "http://mesh.test/api"}, dotenv=NO_FILE) == Settings(
        api_url="http://mesh.test/api",
        graphql_url="http://mesh.test/graphql",
        mesh_secret="",
        bot_control_secret="",
        timeout=10.0,
    )


@pytest.mark.parametrize(
    "given",
    [
        "http://mesh.test:5001",
        "http://mesh.test:5001/",
        "http://mesh.test:5001/api",
        "http://mesh.test:5001/api/",
        " http://mesh.test:5001/api\n",
    ],
)
def test_the_api_endpoint_is_known_by_its_host(given: str) -> None:
    settings = read_settings({"MESH_API_ENDPOINT": given}, dotenv=NO_FILE)

    assert settings == Settings(
        api_url="http://mesh.test:5001/api", graphql_url="http://mesh.test:5001/graphql"
    )


@pytest.mark.parametrize("given", ["https://mesh.test/v2/graphql", "https://mesh.test/v2/graphql/"])
def test_the_api_endpoint_follows_from_the_graphql_endpoint(given: str) -> None:
    settings = read_settings({"MESH_ENDPOINT": given}, dotenv=NO_FILE)

    assert settings == Settings(
        api_url="https://mesh.test/v2/api", graphql_url="https://mesh.test/v2/graphql"
    )


def test_a_graphql_endpoint_of_another_name_is_taken_as_it_is() -> None:
    environ = {"MESH_API_ENDPOINT": "http://mesh.test", "MESH_ENDPOINT": "http://mesh.test/query"}

    settings = read_settings(environ, dotenv=NO_FILE)

    assert settings == Settings(api_url="http://mesh.test/api", graphql_url="http://mesh.test/query")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("MESH_API_ENDPOINT=http://file.test\nMESH_SHARED_SECRET='of the file'\n")

    settings = read_settings({"MESH_API_ENDPOINT": "http://mesh.test"}, dotenv=dotenv)

    assert (settings.api_url, settings.mesh_secret) == ("http://mesh.test/api", "of the file")


def test_a_variable_set_to_nothing_hides_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("MESH_SHARED_SECRET=mesh-s3cret\n")

    settings = read_settings(
        {"MESH_API_ENDPOINT": "http://mesh.test", "MESH_SHARED_SECRET": ""}, dotenv=dotenv
    )

    assert settings.mesh_secret == ""


def test_a_changed_environment_is_seen_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MESH_ENDPOINT", raising=False)
    monkeypatch.setenv("MESH_API_ENDPOINT", "http://one.test")
    one = read_settings()
    monkeypatch.setenv("MESH_API_ENDPOINT", "http://two.test")

    two = read_settings()

    assert (one.api_url, two.api_url) == ("http://one.test/api", "http://two.test/api")


def test_the_file_of_the_working_directory_is_read_and_stays_out_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MESH_ENDPOINT", raising=False)
    monkeypatch.delenv("MESH_API_ENDPOINT", raising=False)
    (tmp_path / ".env").write_text("MESH_API_ENDPOINT=http://file.test\n")
    read_settings()
    (tmp_path / ".env").unlink()

    with pytest.raises(SettingsError, match="MESH_API_ENDPOINT is not set"):
        read_settings()


def test_a_file_that_is_no_text_is_named_without_its_bytes(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(b"MESH_SHARED_SECRET=mesh-s3cret\xff\n")

    with pytest.raises(SettingsError) as caught:
        read_settings({}, dotenv=dotenv)

    assert caught.value.problems == (f"{dotenv} cannot be read: UnicodeDecodeError",)
    assert caught.value.__cause__ is None


def test_all_mistakes_are_reported_together() -> None:
    environ = {
        "MESH_API_ENDPOINT": "mesh.test",
        "MESH_ENDPOINT": "ftp://mesh.test/graphql",
        "MESH_SHARED_SECRET": "mesh\ns3cret",
        "MESH_TIMEOUT": "soon",
    }

    with pytest.raises(SettingsError) as caught:
        read_settings(environ, dotenv=NO_FILE)

    assert str(caught.value) == (
        "the bot's settings cannot be used:\n"
        "  - MESH_API_ENDPOINT must be a plain http:// or https:// address, not 'mesh.test'\n"
        "  - MESH_ENDPOINT must be a plain http:// or https:// address, not 'ftp://mesh.test/graphql'\n"
        "  - MESH_SHARED_SECRET cannot be sent as a header: it holds something other than printable ASCII\n"
        "  - MESH_TIMEOUT must be a number of seconds above 0, not 'soon'"
    )


def test_without_any_endpoint_an_example_is_given() -> None:
    assert problems_of({}) == (
        "MESH_API_ENDPOINT is not set: it says where Mesh is, for example http://127.0.0.1:5001/api",
    )


def test_an_api_endpoint_is_never_guessed() -> None:
    assert problems_of({"MESH_ENDPOINT": "http://mesh.test/query"}) == (
        "MESH_API_ENDPOINT is not set, and MESH_ENDPOINT does not end in /graphql: 'http://mesh.test/query'",
    )


@pytest.mark.parametrize(
    "given",
    [
        "http://",
        "http://mesh.test:port",
        "http://mesh.test:0",
        "http://[mesh.test",
        "http://mesh.test/api?tenant=any",
        "http://mesh.test/api#top",
        "http://mesh test",
        "http://mésh.test",
    ],
)
def test_an_address_that_cannot_be_called_is_refused(given: str) -> None:
    assert problems_of({"MESH_API_ENDPOINT": given}) == (
        f"MESH_API_ENDPOINT must be a plain http:// or https:// address, not {given!r}",
    )


def test_a_bad_graphql_endpoint_alone_is_one_mistake() -> None:
    assert problems_of({"MESH_ENDPOINT": "mesh.test"}) == (
        "MESH_ENDPOINT must be a plain http:// or https:// address, not 'mesh.test'",
    )


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    assert problems_of({"MESH_API_ENDPOINT": "http://bot:pa55word@mesh.test"}) == (
        "MESH_API_ENDPOINT must not hold a user name or password",
    )


@pytest.mark.parametrize("given", ["0", "-1", "nan", "inf", "ten"])
def test_a_timeout_is_a_positive_number(given: str) -> None:
    assert problems_of({**COMPLETE, "MESH_TIMEOUT": given}) == (
        f"MESH_TIMEOUT must be a number of seconds above 0, not {given!r}",
    )


def test_a_secret_in_the_wrong_variable_is_not_shown() -> None:
    assert problems_of({**COMPLETE, "MESH_TIMEOUT": "mesh-s3cret"}) == (
        "MESH_TIMEOUT must be a number of seconds above 0, not '***'",
    )


def test_the_text_form_of_settings_holds_no_secret() -> None:
    assert repr(read_settings(COMPLETE, dotenv=NO_FILE)) == (
        "Settings(api_url='http://mesh.test/api', graphql_url='http://graphql.test/graphql', timeout=2.5)"
    )


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mesh-s3cret/2", "***"),
        ("it was mesh-s3cret/2, not a&b\"c'", "it was ***, not ***"),
        ("?s=a%26b%22c%27", "?s=***"),
        (r'{"s": "a&b\"c' + "'\"}", '{"s": "***"}'),
        ("nothing to see", "nothing to see"),
    ],
)
def test_a_secret_is_masked_in_every_spelling(text: str, masked: str) -> None:
    settings = Settings(api_url="", graphql_url="", mesh_secret="mesh-s3cret/2", bot_control_secret="a&b\"c'")

    assert settings.mask(text) == masked


def test_without_secrets_a_text_stays_as_it_is() -> None:
    assert Settings(api_url="", graphql_url="").mask("anything") == "anything"
