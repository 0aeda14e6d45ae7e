"""
Only a test that has passed from its setup to its teardown replaces its cassette.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.toolkit.conftest import OPTIONS, Project

GOOD = """
@pytest.mark.vcr
def test_kept():
    with client() as c:
        c.post("/notes", json={"text": "old"})
"""

SAYS_NEW = GOOD.replace('"old"', '"new"')

BAD = {
    "its call fails": SAYS_NEW + "    assert False\n",
    "its setup fails": """
@pytest.fixture
def broken(vcr):
    with client() as c:
        c.post("/notes", json={"text": "new"})
    raise ValueError("setup")
"""
    + SAYS_NEW.replace("test_kept()", "test_kept(broken)"),
    "its teardown fails": """
@pytest.fixture
def broken():
    yield
    raise ValueError("teardown")
"""
    + SAYS_NEW.replace("test_kept()", "test_kept(broken)"),
    "it is skipped halfway": SAYS_NEW + '    pytest.skip("halfway")\n',
    "it is expected to fail": SAYS_NEW.replace("@pytest", "@pytest.mark.xfail\n@pytest", 1)
    + "    assert False\n",
    "it holds a secret": SAYS_NEW + '        c.post("/leak")\n',
    "the service crashes": SAYS_NEW + '        c.post("/crash")\n',
}


def keep(project: Project) -> dict[str, str]:
    """
    Record the cassette that is to be kept.
    """
    project.test(GOOD)
    assert project.pytest("--record-mode=rewrite").tail == "1 passed"
    return project.files()


def test_a_cassette_stays_when_its_test_does_not_pass(project: Project) -> None:
    names = {reason: f"tests/test_{number}.py" for number, reason in enumerate(BAD)}
    for name in names.values():
        project.test(GOOD, name)
    assert project.pytest("--record-mode=rewrite").tail == "7 passed"
    files, mtimes = project.files(), _mtimes(project.root)
    for reason, name in names.items():
        project.test(BAD[reason], name)

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "2 failed, 2 passed, 1 skipped, 1 xfailed, 3 errors"
    assert "recorded again" not in run.output
    assert "cassettes recorded, and not put in place" in run.output
    assert (project.files(), _mtimes(project.root)) == (files, mtimes)
    assert project.alive(within=0) == []


def _folder_is_a_file(project: Project) -> None:
    project.write("cassettes/test_more", "in the way")


def _staging_is_a_file(project: Project) -> None:
    project.write("cassettes/.taketwo", "in the way")


@pytest.mark.parametrize(
    ("block", "tail"), [(_folder_is_a_file, "1 passed, 1 error"), (_staging_is_a_file, "1 error")]
)
def test_what_cannot_be_written_is_told_and_loses_nothing(
    project: Project, block: Callable[[Project], None], tail: str
) -> None:
    block(project)
    project.test(GOOD, "tests/test_more.py")

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == tail
    assert "the old cassette is as it was" in run.output
    assert "INTERNALERROR" not in run.output


def test_a_full_disk_changes_nothing(project: Project) -> None:
    files = keep(project)
    project.test(SAYS_NEW.replace('"new"', '"new " * 3000'))
    full = "import resource, sys, pytest; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); "

    run = project.run("-c", full + "sys.exit(pytest.main(sys.argv[1:]))", *OPTIONS, "--record-mode=rewrite")

    assert run.tail == "1 passed, 1 error"
    assert "File too large\nthe old cassette is as it was" in run.output
    assert project.files() == files
    assert not list((project.root / "cassettes/.taketwo").glob("run-*"))


SLOW = """
@pytest.mark.vcr
@pytest.mark.parametrize("number", range(6))
def test_slow(number):
    with client() as c:
        c.get("/slow/20")
        c.post("/notes", json={"text": f"WORD {number}"})
        c.get("/slow/20")
"""


def test_ctrl_c_leaves_every_cassette_old_or_new_and_no_service(project: Project) -> None:
    old, new = _two_recordings(project)
    process = project.start("-m", "pytest", *OPTIONS, "--record-mode=rewrite")
    _wait_until(lambda: project.files() != old)

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "KeyboardInterrupt" in output
    assert _are_old_or_new(project, old, new)
    assert project.alive(within=6) == []
    assert not list((project.root / "cassettes/.taketwo").glob("run-*"))


def _two_recordings(project: Project) -> tuple[dict[str, str], dict[str, str]]:
    """
    The files of an older and of the present text of the tests; the older ones are in place.
    """
    project.test(SLOW.replace("WORD", "new"))
    assert project.pytest("--record-mode=rewrite").tail == "6 passed"
    new = project.files()
    project.test(SLOW.replace("WORD", "old"))
    assert project.pytest("--record-mode=rewrite").tail == "6 passed"
    old = project.files()
    project.test(SLOW.replace("WORD", "new"))
    return old, new


def _are_old_or_new(project: Project, old: dict[str, str], new: dict[str, str]) -> bool:
    files = project.files()
    return files.keys() == old.keys() and all(text in {old[name], new[name]} for name, text in files.items())


def _wait_until(happens: Callable[[], bool]) -> None:
    for _ in range(500):
        if happens():
            return
        time.sleep(0.02)
    raise TimeoutError


def test_one_cassette_is_not_touched_by_the_tests_that_do_not_use_it(project: Project) -> None:
    project.test(GOOD)
    project.test(GOOD, "tests/test_others.py")
    project.pytest("--record-mode=rewrite")
    before = _mtimes(project.root)

    project.pytest("--record-mode=rewrite", "tests/test_others.py")

    assert _mtimes(project.root) == before


def _mtimes(root: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(root.rglob("*.yaml"))}
