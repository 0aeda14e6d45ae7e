"""
No secret reaches a file, in whatever disguise, nor what the plugin prints.
"""

from __future__ import annotations

import base64

from tests.toolkit.conftest import Project

KEY = "k3y-of-the-notebook"
DISGUISES = (KEY, base64.b64encode(KEY.encode()).decode(), KEY.encode().hex())

ECHOES = """
@pytest.mark.vcr
@pytest.mark.parametrize("disguise", ["plain", "base64", "hex", "url"])
def test_echo(disguise):
    with client() as c:
        key = os.environ["NOTEBOOK_KEY"]
        hint = c.get("/secret/" + disguise, headers={"x-key": key}, params={"key": key}).json()["hint"]
        c.post("/echo", json={"said": hint}).json()
        c.post("/echo", content=f"text {hint}")
        c.post("/echo", data={"field": key})
        c.get("/notes/" + key)
        c.get("/notes", auth=("me", key))
"""


def test_no_file_holds_a_secret(project: Project) -> None:
    project.test(ECHOES)

    recorded = project.pytest("--record-mode=rewrite")
    replayed = project.pytest()

    written = "\n".join(project.files().values())
    assert (recorded.tail, replayed.tail) == ("4 passed", "4 passed")
    assert [disguise for disguise in DISGUISES if disguise in written] == []
    assert "<secret:NOTEBOOK_KEY>" in written


def test_a_take_that_still_holds_a_secret_is_refused(project: Project) -> None:
    project.test(
        """
        @pytest.mark.vcr
        def test_leak():
            with client() as c:
                c.post("/leak")
        """
    )

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "1 passed, 1 error"
    assert (
        "the recording of tests/test_notes.py::test_leak was refused: it still holds a secret\n"
        "  - NOTEBOOK_KEY in interaction 1, response body\n"
    ) in run.output
    assert KEY not in run.output
    assert project.files() == {}


def test_what_the_plugin_says_of_a_failure_holds_no_secret(project: Project) -> None:
    project.test(ECHOES)
    project.pytest("--record-mode=rewrite")
    project.test(ECHOES.replace('"said": hint', '"said": hint, "more": key'))

    run = project.pytest("--tb=line")

    assert run.tail == "4 failed"
    assert "which differs in:" in run.output
    assert [disguise for disguise in DISGUISES if disguise in run.output] == []
