"""
Services that cannot be recorded: the run ends before its first test, with one message.
"""

from __future__ import annotations

import socket
import sys

import pytest

from tests.toolkit.conftest import NOTEBOOK, PYPROJECT, Project

THREE = """
@pytest.mark.vcr
@pytest.mark.parametrize("number", [1, 2, 3])
def test_note(number):
    assert get("/notes").json() == []
"""
CRASH = """
@pytest.mark.vcr
def test_crash():
    with client() as c:
        c.post("/crash")
"""

FIXED = """
import http.server, sys
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


WRONG = {
    "a program that does not exist": (
        'command = ["python", "{NOTEBOOK}", "{port}"]',
        'command = ["no-such-program", "{port}"]',
        "it ended with exit code 127 before it was healthy\nits last lines:\n",
    ),
    "a service that ends by itself": (
        'command = ["python", "{NOTEBOOK}", "{port}"]',
        'command = ["python", "-c", "import os; print(os.environ[\'NOTEBOOK_KEY\']); exit(4)", "{port}"]',
        "it ended with exit code 4 before it was healthy\nits last lines:\n  <secret:NOTEBOOK_KEY>",
    ),
    "a health check that fails": (
        'health = "/health"',
        'health = "/nowhere"\nstartup = 5',
        "/nowhere did not answer 2xx within 5 s: it answered 404\n",
    ),
    "a reset that does not exist": (
        'reset = "/reset"',
        'reset = "/no-reset"',
        "reset failed: POST /no-reset answered 404, expected 2xx\n",
    ),
    "a command that fails to reset": (
        'reset = "/reset"',
        'reset = ["python", "-c", "print(\'no database\'); exit(3)"]',
        "python ended with exit code 3\n  no database\ncorrect `reset` in pyproject.toml, or what it runs",
    ),
    "a contract that is not there": (
        'openapi = "/openapi.json"',
        'openapi = "/no-contract.json"',
        "cannot fetch the openapi contract of notebook: GET /no-contract.json gave status 404\n",
    ),
    "a header whose variable is not set": (
        'reset = "/reset"',
        'headers = { x-key = "{OTHER_KEY}" }',
        "headers.x-key uses {OTHER_KEY}, and the environment has no variable OTHER_KEY\nset it, in .env",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_service_that_cannot_be_recorded_ends_the_run_before_its_first_test(
    project: Project, case: str
) -> None:
    before, after, words = WRONG[case]
    before = before.replace("{NOTEBOOK}", str(NOTEBOOK))
    assert before in PYPROJECT
    settings = '[tool.taketwo]\nsecrets = ["OTHER_KEY"]\n' + PYPROJECT.replace(before, after)
    project.write("pyproject.toml", settings)
    project.test(THREE)

    run = project.pytest("--record-mode=rewrite")

    assert run.code == 4, run.output
    assert run.output.count(words) == 1
    assert "k3y" not in run.output
    assert (project.files(), project.alive(within=5)) == ({}, [])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            f'command = ["python", "{NOTEBOOK}", "8000"]',
            (
                "notebook gives its command no port to listen on: put {port} into command or environment, "
                "or, for a service that always listens on the same port, set port = NUMBER"
            ),
        ),
        (
            f'command = ["python", "{NOTEBOOK}", "{{port}}", "{{HUE}}"]',
            (
                "notebook.command uses {HUE}, which has no value; known are {NOTEBOOK_KEY}, {NOTEBOOK_URL}, "
                "{port}, {url} (write {{HUE}} for the text {HUE} itself)"
            ),
        ),
        (
            f'command = ["python", "{NOTEBOOK}", "{{port}}"]\nheaders = {{ x-key = "{{NOTEBOOK_KEE}}" }}',
            "notebook.headers.x-key uses {NOTEBOOK_KEE}, which has no value; known are",
        ),
        (
            f'command = ["python", "{NOTEBOOK}", "{{port}}"]\nport = 70000',
            "notebook.port: expected a number from 1 to 65535, got 70000",
        ),
    ],
)
def test_a_configuration_that_cannot_work_is_refused_by_every_run(
    project: Project, line: str, message: str
) -> None:
    lines = [line if each.startswith("command") else each for each in PYPROJECT.splitlines()]
    project.write("pyproject.toml", "\n".join(lines))
    project.test(THREE)

    run = project.pytest("--record-mode=none")

    assert run.code == 4
    assert f"tool.taketwo.services.{message}" in run.output


def test_braces_that_are_no_variable_are_left_alone(project: Project) -> None:
    note = '{"a":{"b":1}} ${HOME} {{port}}'
    command = f'command = ["python", "{NOTEBOOK}", "{{port}}", \'{note}\']'
    project.write(
        "pyproject.toml",
        "\n".join(command if line.startswith("command") else line for line in PYPROJECT.splitlines()),
    )
    project.test(THREE)

    assert project.pytest("--record-mode=rewrite").tail == "3 passed"


def test_an_address_at_which_nothing_listens_is_reported_without_waiting(project: Project) -> None:
    project.test(THREE)
    address = f"http://127.0.0.1:{free_port()}"

    run = project.pytest("--record-mode=rewrite", environment={"NOTEBOOK_URL": address})

    assert run.code == 4
    assert (
        f"service notebook: GET {address}/health: connection refused; NOTEBOOK_URL names it\n"
        "start the service, or unset NOTEBOOK_URL to have one started"
    ) in run.output


def test_a_port_in_use_is_reported_before_anything_is_started(project: Project, another: str) -> None:
    port = another.rpartition(":")[2]
    project.write(
        "pyproject.toml", PYPROJECT.replace('health = "/health"', f'health = "/health"\nport = {port}')
    )
    project.test(THREE)

    run = project.pytest("--record-mode=rewrite")

    assert run.code == 4
    assert (
        f"service notebook cannot be started: something listens on port {port} already\n"
        f"stop it, or set NOTEBOOK_URL to http://127.0.0.1:{port} to use that one"
    ) in run.output
    assert project.started() == []


def test_a_service_may_listen_on_a_port_of_its_own(project: Project) -> None:
    port = free_port()
    settings = PYPROJECT.replace('"{port}"]', f'"{port}"]\nport = {port}')
    project.write("pyproject.toml", settings)
    project.test(THREE)

    assert project.pytest("--record-mode=rewrite").tail == "3 passed"
    assert "http://notebook.test/notes" in project.files()["test_notes/test_note[1].yaml"]


def test_a_service_may_be_given_its_port_by_a_variable(project: Project) -> None:
    settings = PYPROJECT.replace(
        f'command = ["python", "{NOTEBOOK}", "{{port}}"]',
        f'command = ["sh", "-c", "exec python {NOTEBOOK} $PORT"]',
    ).replace(
        'environment = { NOTEBOOK_URL = "{url}" }',
        'environment = { NOTEBOOK_URL = "{url}", PORT = "{port}" }',
    )
    project.write("pyproject.toml", settings)
    project.test(THREE)

    assert project.pytest("--record-mode=rewrite").tail == "3 passed"


@pytest.mark.parametrize("reset", ['"restart"', '["python", "reset.py"]'])
def test_a_service_is_reset_by_a_restart_or_by_a_command(project: Project, reset: str) -> None:
    project.write("pyproject.toml", PYPROJECT.replace('"/reset"', reset))
    project.write(
        "reset.py",
        """
        import os, urllib.request
        urllib.request.urlopen(os.environ["NOTEBOOK_URL"] + "/reset", b"")
        """,
    )
    project.test(
        """
        @pytest.mark.vcr
        @pytest.mark.parametrize("number", [1, 2])
        def test_note(number):
            with client() as c:
                c.post("/notes", json={"text": "one"})
                assert len(c.get("/notes").json()) == 1
        """
    )

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "2 passed"
    assert len(project.started()) == (4 if reset == '"restart"' else 1), "one start, and one for each reset"
    assert project.alive(within=5) == []


def test_a_service_that_runs_elsewhere_cannot_be_reset_by_a_restart(project: Project, another: str) -> None:
    project.write("pyproject.toml", PYPROJECT.replace('"/reset"', '"restart"'))
    project.test(THREE)

    run = project.pytest("--record-mode=rewrite", environment={"NOTEBOOK_URL": another})

    assert run.code == 4
    assert "unset NOTEBOOK_URL to have it started" in run.output


def test_a_failing_test_shows_what_its_service_printed_while_it_was_recorded(project: Project) -> None:
    project.test(
        """
        @pytest.mark.vcr
        def test_before():
            get("/notes/earlier")

        @pytest.mark.vcr
        def test_note():
            assert get("/notes/k3y-of-the-notebook").status_code == 200
        """
    )

    run = project.pytest("--record-mode=rewrite")

    _, _, section = run.output.partition("- service notebook -")
    assert 'notebook: "GET /notes/<secret:NOTEBOOK_KEY> HTTP/1.1" 404' in section
    assert "earlier" not in section


def test_a_replay_shows_no_output_of_services(project: Project) -> None:
    project.test(THREE)
    project.pytest("--record-mode=rewrite")
    project.test(THREE.replace("== []", "== [1]"))

    run = project.pytest()

    assert run.tail == "3 failed"
    assert "- service notebook -" not in run.output


def test_a_service_that_died_is_started_again_for_the_next_test(project: Project) -> None:
    project.test(CRASH + THREE)

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "1 failed, 3 passed"
    assert run.output.count("service notebook ended with exit code 3, and was started again") == 1
    assert "(it ended with exit code 3)" in run.output.partition("- service notebook -")[2]
    assert len(project.started()) == 2
    assert project.alive(within=5) == []


def test_a_service_that_dies_again_and_again_is_given_up(project: Project) -> None:
    project.test(
        """
        @pytest.mark.vcr
        @pytest.mark.parametrize("number", range(6))
        def test_crash(number):
            with client() as c:
                c.post("/crash")
        """
    )

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "4 failed, 2 errors"
    assert len(project.started()) == 4
    assert "for the 4th time; it is not started again" in run.output


def test_a_refresh_says_what_the_service_of_a_failing_test_printed(project: Project) -> None:
    project.test(THREE)
    project.pytest("--record-mode=rewrite")
    project.test(THREE.replace('get("/notes")', 'get("/nowhere")'))

    run = project.refresh("--check", "--all")

    assert run.code == 2
    assert 'notebook: "GET /nowhere HTTP/1.1" 404' in run.output


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells on which ports a process listens")
def test_a_service_on_a_port_of_its_own_is_refused_long_before_its_time_to_start_is_over(
    project: Project,
) -> None:
    port = free_port()
    command = f'command = ["python", "{NOTEBOOK}", "{{port}}"]'
    settings = PYPROJECT.replace('health = "/health"', 'health = "/"').replace(
        command, f'command = ["python", "fixed.py", "{port}", "{{port}}"]\nstartup = 300'
    )
    project.write("pyproject.toml", settings)
    project.write("fixed.py", FIXED)
    project.test(THREE)

    run = project.pytest("--record-mode=rewrite")

    assert f"it listens on port {port}, and was expected on " in run.output
    assert f"or say where it does: port = {port}" in run.output
