"""
Two processes that record the same cassette: the second waits, or is told who keeps it waiting.
"""

from __future__ import annotations

import os
import signal
import time

from tests.toolkit.conftest import OPTIONS, PYPROJECT, Project

RECORDING = ("-m", "pytest", *OPTIONS, "--record-mode=rewrite")
SLOW = """
@pytest.mark.vcr
def test_slow():
    with client() as c:
        made = c.post("/notes", json={"text": os.environ["SAID"]}).json()
        c.get("/slow/" + os.environ["MILLISECONDS"])
        assert c.get("/notes").json() == [made]
"""
HASTY, STUCK = {"SAID": "hasty", "MILLISECONDS": "10"}, {"SAID": "stuck", "MILLISECONDS": "60000"}


def impatient(project: Project) -> None:
    project.write("pyproject.toml", "[tool.taketwo]\npatience = 0.5\n" + PYPROJECT)
    project.test(SLOW)


def claims(project: Project) -> list[str]:
    folder = project.root / "cassettes/.taketwo/recording"
    return [path.read_text() for path in folder.glob("*")]


def wait_for_claim(project: Project) -> None:
    for _ in range(1000):
        if "".join(claims(project)):
            return
        time.sleep(0.02)
    raise TimeoutError


def test_the_second_waits_for_the_first_and_both_are_complete(project: Project) -> None:
    project.test(SLOW)
    said = {"MILLISECONDS": "300"}
    runs = [project.start(*RECORDING, environment={**said, "SAID": word}) for word in ("one", "two")]

    ended = [run.communicate(timeout=60)[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0], ended
    replays = [project.pytest(environment={**said, "SAID": word}).tail for word in ("one", "two")]
    assert sorted(replays) == ["1 failed", "1 passed"]
    assert claims(project) == []


def test_one_that_would_wait_too_long_is_refused_by_name_and_death_sets_free(project: Project) -> None:
    impatient(project)
    stuck = project.start(*RECORDING, environment=STUCK)
    wait_for_claim(project)

    refused = project.pytest("--record-mode=rewrite", environment=HASTY)
    os.kill(stuck.pid, signal.SIGKILL)
    stuck.communicate(timeout=20)
    free = project.pytest("--record-mode=rewrite", environment=HASTY)

    assert refused.tail == "1 error"
    assert (
        f"cassettes/test_notes/test_slow.yaml is being recorded by process {stuck.pid} "
        "(tests/test_notes.py::test_slow), and was not free within 0.5 seconds\n"
        "run the same command again when that has ended, or let it wait longer: [tool.taketwo] patience = 1\n"
    ) in refused.output
    assert free.tail == "1 passed"


def test_a_replay_waits_for_nobody(project: Project) -> None:
    impatient(project)
    project.pytest("--record-mode=rewrite", environment=HASTY)
    stuck = project.start(*RECORDING, environment=STUCK)
    wait_for_claim(project)

    replayed = project.pytest(environment=HASTY)
    os.kill(stuck.pid, signal.SIGKILL)
    stuck.communicate(timeout=20)

    assert replayed.tail == "1 passed"


def test_an_acceptance_beside_a_recording_costs_neither(project: Project) -> None:
    """
    Whichever ends last is in place, whole; nothing is left over.
    """
    project.test(SLOW)
    milliseconds = {"MILLISECONDS": "300"}
    project.pytest("--record-mode=rewrite", environment={**milliseconds, "SAID": "old"})
    assert project.refresh("--all", environment={**milliseconds, "SAID": "accepted"}).code == 1
    recording = project.start(*RECORDING, environment={**milliseconds, "SAID": "recorded"})
    wait_for_claim(project)

    accepted = project.run("-m", "taketwo", "accept")
    output = recording.communicate(timeout=60)[0]

    assert (accepted.code, recording.returncode) == (0, 0), [accepted.output, output]
    replays = [
        project.pytest(environment={**milliseconds, "SAID": word}).tail for word in ("accepted", "recorded")
    ]
    assert sorted(replays) == ["1 failed", "1 passed"]
    hidden = project.root / "cassettes/.taketwo"
    assert [*claims(project), *hidden.glob("run-*"), *project.root.rglob("*.new")] == []
