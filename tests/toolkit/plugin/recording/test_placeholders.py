"""
The project's rules for placeholders, in recordings of a real service.
"""

from __future__ import annotations

from tests.toolkit.conftest import PYPROJECT, Project

TICKETS = """
@pytest.mark.vcr
def test_ticket():
    first, second = get("/ticket").json(), get("/ticket").json()
    assert first["seq"] < second["seq"]
    assert first["job"].startswith("job~") and len(first["job"]) == 16
    assert isinstance(first["moment"], int)
    with client() as c:
        sent = {"text": first["job"], "seq": second["seq"]}
        assert c.post(f"/echo?s={first['seq']}", json=sent).json() == sent
"""
RULES = """
[[tool.taketwo.placeholders]]
path = "response.json.seq"
type = "counter"
[[tool.taketwo.placeholders]]
pattern = "job~[a-f0-9]{12}"
type = "id"
[[tool.taketwo.placeholders]]
path = "response.json.moment"
type = "time"
"""
BROKEN = """
[[tool.taketwo.placeholders]]
path = "response.json.never"
type = "id"
[[tool.taketwo.placeholders]]
path = "response.json.job"
type = "counter"
"""


def test_a_recording_moves_no_byte_once_rules_cover_what_is_minted(project: Project) -> None:
    project.test(TICKETS)
    project.write("pyproject.toml", PYPROJECT + RULES)

    first = project.pytest("--record-mode=rewrite")
    files = project.files()
    again = project.pytest("--record-mode=rewrite", "--taketwo-strict-placeholders")

    assert (first.tail, again.tail) == ("1 passed", "1 passed")
    assert "1 cassette recorded again, not one byte changed" in again.output
    assert project.files() == files
    assert project.pytest().tail == "1 passed"


def test_a_rule_that_finds_nothing_or_something_else_is_told_at_the_end(project: Project) -> None:
    project.test(TICKETS)
    project.write("pyproject.toml", PYPROJECT + BROKEN)

    run = project.pytest("--record-mode=rewrite")
    shared = project.pytest("--record-mode=rewrite", "-n1")
    strict = project.pytest("--record-mode=rewrite", "--taketwo-strict-placeholders")
    partial = project.pytest(
        "--record-mode=rewrite", "--taketwo-strict-placeholders", "-k", "ticket", "tests"
    )

    told = (
        'a placeholder rule matched nothing: path = "response.json.never", type = "id"\n'
        "  correct it, or delete it from [[tool.taketwo.placeholders]]\n"
        'a placeholder rule met what is no counter: path = "response.json.job", type = "counter"\n'
        "  2 times response.json.job is a text\n"
    )
    assert told in run.output
    assert told in shared.output
    assert (run.code, shared.code, strict.code) == (0, 0, 1)
    assert "matched nothing" not in partial.output
    assert "met what is no counter" in partial.output


def test_a_replay_says_nothing_of_rules(project: Project) -> None:
    project.test(TICKETS)
    project.pytest("--record-mode=rewrite")
    project.write("pyproject.toml", PYPROJECT + BROKEN)

    run = project.pytest("--taketwo-strict-placeholders")

    assert (run.tail, "placeholder" in run.output) == ("1 passed", False)
