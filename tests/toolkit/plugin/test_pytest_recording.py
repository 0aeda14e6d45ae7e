"""
A suite that was written for pytest-recording runs as it is.
"""

from __future__ import annotations

import re

import pytest

from tests.toolkit.conftest import Project

SUITE = """
@pytest.fixture
def vcr_config():
    return {
        "filter_headers": [("x-trace", "HIDDEN"), "x-gone"],
        "filter_query_parameters": ["stamp"],
        "before_record_request": not_health,
        "before_record_response": shout,
    }


def not_health(request):
    return None if request.path == "/health" else request


def shout(response):
    response["headers"]["x-seen"] = ["by the hook"]
    return response


@pytest.mark.vcr
def test_filters(record_mode):
    with client() as c:
        answer = c.get("/notes", params={"stamp": record_mode}, headers={"x-trace": "1", "x-gone": "2"})
        assert answer.json() == []


@pytest.mark.vcr
@pytest.mark.default_cassette("mine")
def test_named(vcr):
    with client() as c:
        c.get("/notes")
        c.get("/notes")
    assert len(vcr) == 2
    assert [request.path for request in vcr.requests] == ["/notes", "/notes"]
    if vcr.play_count:
        assert (vcr.play_count, vcr.all_played) == (2, True)


@pytest.mark.vcr(match_on=["method", "same_length"])
def test_matcher(record_mode):
    with client() as c:
        assert c.get("/slow/1" if record_mode == "rewrite" else "/slow/2").json() == {"slept": 1}


@pytest.mark.vcr(allow_playback_repeats=True)
def test_repeats(record_mode):
    with client() as c:
        for _ in range(1 if record_mode == "rewrite" else 3):
            assert c.get("/notes").json() == []


def test_without_a_cassette(vcr):
    assert vcr is None
"""

HOOKS = """
def pytest_recording_configure(config, vcr):
    vcr.register_matcher("same_length", lambda one, other: len(one.path) == len(other.path))
"""


def test_its_options_marks_and_hooks_mean_what_they_mean_there(project: Project) -> None:
    project.write("tests/conftest.py", HOOKS)
    project.test(SUITE)

    recorded = project.pytest("--record-mode=rewrite")
    replayed = project.pytest()

    assert (recorded.tail, replayed.tail) == ("5 passed", "5 passed")
    filtered = project.cassette("test_filters").read_text()
    assert "x-trace: HIDDEN" in filtered
    assert "x-gone" not in filtered
    assert "stamp" not in filtered
    assert "x-seen: by the hook" in filtered
    assert project.cassette("mine").is_file()


def test_a_request_that_the_hook_drops_passes_through(project: Project) -> None:
    project.test(
        SUITE.split("@pytest.mark.vcr", maxsplit=1)[0]
        + """
@pytest.mark.vcr
def test_dropped():
    with client() as c:
        assert c.get("/health").json() == {"status": "ok"}
        assert c.get("/notes").json() == []
"""
    )

    recorded = project.pytest("--record-mode=rewrite")
    replayed = project.pytest("--tb=short")

    assert recorded.tail == "1 passed"
    assert "/health" not in project.cassette("test_dropped").read_text()
    assert replayed.tail == "1 failed"
    assert "has no answer" not in replayed.output


def test_disabled_recording_talks_to_the_started_service(project: Project) -> None:
    project.test(
        SUITE.replace("if vcr.play_count", "return\n    if vcr").replace(
            "assert len(vcr)", "return\n    assert len(vcr)"
        )
    )

    run = project.pytest("--disable-recording", "-k", "filters or named")

    assert run.tail == "2 passed, 3 deselected"
    assert "taketwo: recording is disabled, tests talk to the services" in run.output
    assert (len(project.started()), project.files()) == (1, {})
    assert project.alive(within=0) == []


ASKING = """
@pytest.fixture
def vcr_config():
    return OPTIONS


@pytest.mark.vcr
def test_notes():
    assert get("/notes").json() == []
"""
PERSISTER = """
class Memory:
    @staticmethod
    def load_cassette(path, serializer):
        return [], []

    @staticmethod
    def save_cassette(path, cassette, serializer):
        pass


def pytest_recording_configure(config, vcr):
    vcr.register_persister(Memory)
    vcr.drop_unused_requests = True
"""


INSTEAD = {
    "after_load_interaction": "let before_record_response change an answer; it is recorded as it is then",
    "before_save_interaction": "let before_record_request and before_record_response do it",
    "drop_unused_requests": "say it in vcr_config or in the marker",
    "filter_sensitive_data": "list the environment variables that hold the values as secrets in "
    "[tool.taketwo]; they are replaced in every encoding, and a replay has them again",
    "path_transformer": "let the fixtures vcr_cassette_dir and default_cassette_name say where it is",
    "persister": "cassettes are files, which taketwo writes itself, so that none is lost; save yours once as "
    "files, and they are read",
}


@pytest.mark.parametrize(
    ("options", "hooks", "names"),
    [
        (
            {"path_transformer": "str", "filter_sensitive_data": "[('<KEY>', 'k3y')]"},
            "",
            ["filter_sensitive_data", "path_transformer"],
        ),
        (
            {"before_save_interaction": "print", "after_load_interaction": "print"},
            "",
            ["after_load_interaction", "before_save_interaction"],
        ),
        ({}, PERSISTER, ["drop_unused_requests", "persister"]),
    ],
    ids=["where", "interactions", "persister"],
)
@pytest.mark.parametrize("mode", ["none", "rewrite"])
def test_what_has_no_effect_is_refused_with_what_to_do_instead(
    project: Project, options: dict[str, str], hooks: str, names: list[str], mode: str
) -> None:
    written = ", ".join(f"{name!r}: {value}" for name, value in options.items())
    project.test(ASKING.replace("OPTIONS", f"{{{written}}}"))
    project.write("tests/conftest.py", hooks)

    run = project.pytest(f"--record-mode={mode}")

    assert run.tail == "1 error"
    said = "".join(f"  - {name}: {INSTEAD[name]}\n" for name in names)
    assert f"this test asks VCR.py for what has no effect with taketwo:\n{said}" in run.output
    assert "tools/taketwo" not in run.output
    assert project.files() == {}


def test_options_that_ask_for_nothing_are_no_mistake(project: Project) -> None:
    asked = '"filter_sensitive_data": [], "persister": None, "before_save_interaction": None'
    project.test(ASKING.replace("OPTIONS", f"{{{asked}}}"))

    assert project.pytest("--record-mode=rewrite").tail == "1 passed"


@pytest.mark.parametrize(("drops", "paths"), [("True", ["/slow/2", "/slow/3"]), ("False", [1, 2, 3])])
def test_unused_requests_leave_a_cassette_that_is_added_to(
    project: Project, drops: str, paths: list[object]
) -> None:
    """
    Also where the test asks for it by its marker; with nothing new to record, too.
    """
    body = f"""
        @pytest.mark.vcr(drop_unused_requests={drops})
        def test_slow():
            with client() as c:
                assert [c.get(f"/slow/{{n}}").json()["slept"] for n in NUMBERS] == NUMBERS
        """
    project.test(body.replace("NUMBERS", "[1, 2]"))
    project.pytest("--record-mode=rewrite")
    project.test(body.replace("NUMBERS", "[2, 3]"))

    added = project.pytest("--record-mode=new_episodes")

    wanted = [f"/slow/{path}" if isinstance(path, int) else path for path in paths]
    urls = re.findall(r"url: http://notebook\.test(\S+)", project.cassette("test_slow").read_text())
    assert (added.tail, urls) == ("1 passed", wanted)
    files = project.files()
    assert project.pytest("--record-mode=new_episodes").tail == "1 passed"
    assert project.files() == files
    assert project.pytest().tail == "1 passed"
