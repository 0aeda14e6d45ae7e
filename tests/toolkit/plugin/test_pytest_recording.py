"""
A suite that was written for pytest-recording runs as it is.
"""

from __future__ import annotations

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
