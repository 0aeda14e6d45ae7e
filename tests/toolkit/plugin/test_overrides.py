"""
The fixtures of pytest-recording mean something wherever a project redefines them: in a conftest, a module, a
class, by a parameter.
"""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Project


def cassettes(project: Project) -> set[str]:
    return {
        path.relative_to(project.root).as_posix() for path in project.root.glob("cassettes/**/*.yaml")
    } - {"cassettes/contracts/notebook.yaml"}


def both(project: Project, body: str, *, passed: int) -> None:
    """
    Record and replay *body*.
    """
    project.test(body)
    recorded = project.pytest("--record-mode=rewrite", environment={"RECORDS": "1"})
    assert recorded.tail == f"{passed} passed", recorded.output
    replayed = project.pytest("--record-mode=none")
    assert replayed.tail == f"{passed} passed", replayed.output


def test_a_class_names_the_cassettes_of_its_tests(project: Project) -> None:
    both(
        project,
        """
        import pytest


        class TestNamed:
            @pytest.fixture
            def default_cassette_name(self):
                return "by the class"

            @pytest.mark.vcr
            def test_a(self):
                assert get("/notes").json() == []


        @pytest.mark.vcr
        def test_b():
            assert get("/notes").json() == []
        """,
        passed=2,
    )

    assert cassettes(project) == {
        "cassettes/test_notes/by the class.yaml",
        "cassettes/test_notes/test_b.yaml",
    }


FOLDER = """
@pytest.fixture(scope="module")
def vcr_cassette_dir(request):
    return str(request.config.rootpath / "cassettes" / "elsewhere")
"""
MARKERS = """
@pytest.fixture
def vcr_markers(request):
    return [pytest.mark.vcr(order="recorded").mark]
"""


@pytest.mark.parametrize(
    ("fixture", "mark", "place"),
    [(FOLDER, "@pytest.mark.vcr", "elsewhere"), (MARKERS, "", "test_notes")],
    ids=["the folder", "the markers"],
)
def test_a_conftest_says_it_for_all_tests(project: Project, fixture: str, mark: str, place: str) -> None:
    project.write("tests/conftest.py", f"import pytest\n\n{fixture}")

    both(project, f"{mark}\ndef test_a():\n    assert get('/notes').json() == []\n", passed=1)

    assert cassettes(project) == {f"cassettes/{place}/test_a.yaml"}


def test_a_parameter_is_the_configuration_of_its_test(project: Project) -> None:
    both(
        project,
        """
        import pytest


        @pytest.mark.parametrize("vcr_config", [{"repeats": True}, {}], ids=["repeats", "once"])
        @pytest.mark.vcr
        def test_a(vcr_config):
            assert get("/notes").json() == []
            if vcr_config and "RECORDS" not in os.environ:
                assert get("/notes").json() == []
        """,
        passed=2,
    )


CONNECTING = """
import socket

import pytest


def connect():
    with socket.socket() as line:
        line.connect(("127.0.0.1", int(os.environ["PORT"])))


def connect_in_vain():
    if "RECORDS" not in os.environ:
        with pytest.raises(RuntimeError, match="Network is disabled"):
            connect()
"""


def test_a_project_may_close_the_network_in_its_own_way(project: Project, another: str) -> None:
    project.write(
        "tests/conftest.py",
        "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef block_network():\n    yield\n",
    )
    project.test(f"{CONNECTING}\n\n@pytest.mark.vcr\ndef test_a():\n    get('/notes')\n    connect()\n")
    port = {"PORT": another.rpartition(":")[2]}

    recorded = project.pytest("--record-mode=rewrite", environment=port)
    replayed = project.pytest("--record-mode=none", environment=port)

    assert (recorded.tail, replayed.tail) == ("1 passed", "1 passed"), replayed.output


def test_the_network_is_closed_once_whoever_asks_for_it(project: Project, another: str) -> None:
    project.test(
        f"""{CONNECTING}

@pytest.fixture
def server(block_network):
    yield
    connect_in_vain()


@pytest.mark.vcr
def test_a(server, block_network):
    get("/notes")
    connect_in_vain()


def test_b():
    connect()


def test_c(vcr):
    assert vcr is None
    connect()
"""
    )
    port = {"PORT": another.rpartition(":")[2]}

    recorded = project.pytest("--record-mode=rewrite", environment={"RECORDS": "1", **port})
    replayed = project.pytest("--record-mode=none", environment=port)

    assert (recorded.tail, replayed.tail) == ("3 passed", "3 passed"), replayed.output
