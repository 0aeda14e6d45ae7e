"""
What the plugin says when something is wrong, and that it never lets it pass for right.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import PYPROJECT, Project

ONE = """
@pytest.mark.vcr
def test_one():
    with client() as c:
        c.post("/notes", json={"text": "one"})
"""

CRASH = """
@pytest.mark.vcr
def test_crash():
    with client() as c:
        c.post("/crash")
"""

TWO_MORE = """
@pytest.mark.vcr
def test_two():
    with client() as c:
        c.get("/notes")


@pytest.mark.vcr
def test_three():
    with client() as c:
        c.get("/notes")
"""


def test_a_request_that_nothing_matches_is_told_with_its_nearest(project: Project) -> None:
    project.test(ONE)
    project.pytest("--record-mode=rewrite")
    project.test(ONE.replace('"one"', '"won"'))

    run = project.pytest("--tb=short")

    assert run.tail == "1 failed"
    assert (
        "cassettes/test_notes/test_one.yaml has no answer to POST http://notebook.test/notes\n"
        "nearest is POST http://notebook.test/notes, which differs in:\n"
        '  - json.text: recorded "one", received "won"\n'
        "if the test is right to send it like this, record again: "
        "pytest --record-mode=rewrite tests/test_notes.py::test_one"
    ) in run.said


def test_a_failure_ends_in_the_projects_own_code(project: Project) -> None:
    """
    What lies behind it is not theirs to mend, and pytest would show requests with their secrets.
    """
    project.test(ONE)

    run = project.pytest("--tb=long", "--showlocals")

    assert run.tail == "1 failed"
    assert [line for line in run.said.splitlines() if "site-packages" in line or "bridge.py" in line] == []


def test_requests_that_got_no_answer_are_named_when_they_are_recorded(project: Project) -> None:
    project.test(
        """
        @pytest.mark.vcr
        def test_impatient():
            with client() as c:
                with pytest.raises(httpx.ReadTimeout):
                    c.get("/slow/400", timeout=0.1)
                assert c.get("/notes").json() == []
        """
    )

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "1 passed"
    assert (
        "1 cassette without the requests that got no answer; a replay has none for them\n"
        "  cassettes/test_notes/test_impatient.yaml: 1\n"
    ) in run.output


def test_requests_to_a_service_that_the_options_leave_alone_are_named_when_they_are_recorded(
    project: Project,
) -> None:
    project.test(
        """
        import urllib.request


        @pytest.mark.vcr(before_record_request=lambda sent: None if "/health" in sent.uri else sent)
        def test_in_part():
            with client() as c:
                c.get("/health")
                assert c.get("/notes").json() == []


        @pytest.mark.vcr(ignore_localhost=True)
        def test_whole():
            urllib.request.urlopen(os.environ["NOTEBOOK_URL"] + "/health").close()
        """
    )

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "2 passed"
    assert (
        "2 cassettes without requests to a service that ignore_hosts, ignore_localhost or "
        "before_record_request leaves alone; a replay starts no service for them\n"
        "  cassettes/test_notes/test_in_part.yaml: 1\n"
        "  cassettes/test_notes/test_whole.yaml: 1\n"
    ) in run.output


def test_a_missing_cassette_is_told_with_the_request(project: Project) -> None:
    project.test(ONE)

    run = project.pytest("--tb=short")

    assert run.tail == "1 failed"
    assert (
        "there is no cassette cassettes/test_notes/test_one.yaml, "
        "and the test sent POST http://notebook.test/notes\n"
    ) in run.said


def test_a_damaged_cassette_is_told_by_file_line_and_reason_and_without_our_stack(project: Project) -> None:
    project.test(ONE)
    project.pytest("--record-mode=rewrite")
    cassette = project.cassette("test_one")
    cassette.write_text(cassette.read_text().replace("  request:", "<<<<<<< HEAD\n  request:", 1) + "]")

    run = project.pytest()

    assert run.tail == "1 error"
    assert "Traceback" not in run.output
    assert "tools/taketwo" not in run.output
    assert f"{cassette}, line" in run.output


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("    status: 200", "    status: good", "interactions[0]: response: 'status' is not a whole number"),
        ("    method: POST", "    methud: POST", "interactions[0]: request: 'methud' is not a known key"),
        ("  response:", "  answer:", "interactions[0]: 'answer' is not a known key"),
        ("seed: ", "seed: a", "'seed' is not a whole number"),
    ],
)
def test_what_was_edited_wrongly_is_told_with_its_line(
    project: Project, old: str, new: str, reason: str
) -> None:
    project.test(ONE)
    project.pytest("--record-mode=rewrite")
    cassette = project.cassette("test_one")
    text = cassette.read_text(encoding="utf-8")
    cassette.write_text(text.replace(old, new, 1), encoding="utf-8")

    run = project.pytest()

    line = text.partition(old)[0].count("\n") + 1
    assert run.tail == "1 error"
    assert f"{cassette}, line {line}: {reason}" in run.output


def test_no_exception_handler_of_the_code_under_test_hides_the_error(project: Project) -> None:
    """
    Nor does one send the request again.
    """
    project.test(ONE)
    project.pytest("--record-mode=rewrite")
    project.test(
        """
        @pytest.mark.vcr
        def test_one():
            for _ in range(3):
                try:
                    get("/nowhere")
                except Exception:
                    print("tried again")
        """
    )

    run = project.pytest()

    assert (run.code, run.tail) == (1, "1 failed")
    assert "has no answer to GET http://notebook.test/nowhere\n" in run.output
    assert "tried again\n" not in run.output


def test_a_failure_that_hides_the_request_without_an_answer_has_it_beside(project: Project) -> None:
    """
    A server or a task within the test meets the error, and the test nothing but what follows from it.
    """
    project.test(ONE)
    project.pytest("--record-mode=rewrite")
    project.test(
        """
        import asyncio
        import httpx

        @pytest.mark.vcr
        def test_one():
            asyncio.run(main())

        async def main():
            done = []

            async def work():
                async with httpx.AsyncClient() as c:
                    done.append(await c.get("http://notebook.test/nowhere"))

            await asyncio.wait([asyncio.create_task(work())])
            assert len(done) == 1
        """
    )

    run = project.pytest("-p", "no:warnings")

    assert (run.code, run.tail) == (1, "1 failed")
    section = run.output.partition("taketwo: requests without an answer")[2]
    assert "has no answer to GET http://notebook.test/nowhere\n" in section


def test_a_test_that_swallows_the_error_fails_all_the_same(project: Project) -> None:
    project.test(ONE)
    project.pytest("--record-mode=rewrite")
    project.test(
        """
        @pytest.mark.vcr
        def test_one():
            try:
                get("/nowhere")
            except BaseException:
                pass
        """
    )

    run = project.pytest()

    assert (run.code, run.tail) == (1, "1 passed, 1 error")
    assert "the test passed, but something it did found no answer:\n" in run.output
    assert "has no answer to GET http://notebook.test/nowhere\n" in run.output


def test_every_mistake_in_the_configuration_is_told_at_once(project: Project) -> None:
    broken = PYPROJECT.replace('health = "/health"', 'health = "health"\nstartup = 0\nheath = "/"')
    project.write("pyproject.toml", broken)

    run = project.pytest()

    assert run.code == 4
    assert run.output.strip() == (
        "ERROR: pyproject.toml cannot be used:\n"
        "tool.taketwo.services.notebook.health: expected a path that starts with /, got a string\n"
        "tool.taketwo.services.notebook.heath is not known; did you mean health?\n"
        "tool.taketwo.services.notebook.startup: expected a number of seconds above 0, got 0"
    )


def test_a_service_that_there_is_not_cannot_be_emptied(project: Project) -> None:
    project.test(
        """
        @pytest.mark.vcr
        def test_one(taketwo_services):
            taketwo_services.reset("notebok")
        """
    )

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "1 failed"
    assert "there is no service 'notebok' in pyproject.toml; the services are: notebook" in run.output
