"""
A test is recorded against the service once, and replayed without it for ever after.
"""

from __future__ import annotations

from tests.toolkit.conftest import Project

EVERY_CLIENT = """
import urllib.request


@pytest.mark.vcr
def test_sync():
    with client() as c:
        made = c.post("/notes", json={"text": "one"}).json()
        assert c.get("/notes/" + made["id"]).json() == made
        assert c.get("/gzip").json() == {"packed": True}
        assert c.get("/binary").content == bytes(range(256))


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_async():
    async with httpx.AsyncClient(base_url=os.environ["NOTEBOOK_URL"], trust_env=False) as c:
        made = (await c.post("/notes", json={"text": "two"})).json()
        assert (await c.get("/notes")).json() == [made]


@pytest.mark.vcr
def test_urllib():
    with urllib.request.urlopen(os.environ["NOTEBOOK_URL"] + "/notes") as answer:
        assert (answer.status, answer.read()) == (200, b"[]")
"""


def test_a_replay_starts_no_service_and_needs_none(project: Project) -> None:
    project.test(EVERY_CLIENT)
    recorded = project.pytest("--record-mode=rewrite")
    files, started = project.files(), project.started()

    replayed = project.pytest()

    assert (recorded.code, recorded.tail) == (0, "3 passed")
    assert (replayed.code, replayed.tail) == (0, "3 passed")
    assert (len(started), project.started()) == (1, started)
    assert project.files() == files


def test_a_service_is_stopped_when_the_session_ends(project: Project) -> None:
    project.test(EVERY_CLIENT)

    project.pytest("--record-mode=rewrite")

    assert len(project.started()) == 1
    assert project.alive(within=0) == []


def test_a_take_is_a_file_that_people_can_read(project: Project) -> None:
    project.test(
        """
        @pytest.mark.vcr
        def test_note():
            with client() as c:
                made = c.post("/notes", json={"text": "one"}).json()
                c.get("/notes/" + made["id"])
        """
    )

    project.pytest("--record-mode=rewrite")

    text = project.cassette("test_note").read_text()
    assert text[text.index("holds:") :] == (
        "holds:\n"
        "  interactions: 2\n"
        "interactions:\n"
        "- request:\n"
        "    method: POST\n"
        "    url: http://notebook.test/notes\n"
        "    headers:\n"
        '      accept: "*/*"\n'
        "      content-type: application/json\n"
        "    json:\n"
        "      text: one\n"
        "  response:\n"
        "    status: 200\n"
        "    headers:\n"
        "      content-type: application/json\n"
        "      etag: '\"<etag:1>\"'\n"
        "    json:\n"
        "      id: <uuid:1>\n"
        "      text: one\n"
        "      created: <time:1>\n"
        "- request:\n"
        "    method: GET\n"
        "    url: http://notebook.test/notes/<uuid:1>\n"
        "    headers:\n"
        '      accept: "*/*"\n'
        "  response:\n"
        "    status: 200\n"
        "    headers:\n"
        "      content-type: application/json\n"
        "      etag: '\"<etag:2>\"'\n"
        "    json:\n"
        "      id: <uuid:1>\n"
        "      text: one\n"
        "      created: <time:1>\n"
    )


def test_cassettes_mirror_the_tests(project: Project) -> None:
    project.test(
        """
        class TestNotes:
            @pytest.mark.vcr
            def test_in_a_class(self):
                get("/notes").json()

        @pytest.mark.vcr
        @pytest.mark.parametrize("path", ["a/b", "a-b"])
        def test_param(path):
            assert get("/" + path).status_code == 404

        @pytest.mark.vcr
        @pytest.mark.default_cassette("named")
        def test_named():
            get("/notes")
        """,
        "tests/deep/er/test_places.py",
    )

    run = project.pytest("--record-mode=rewrite")

    assert run.tail == "4 passed"
    assert sorted(project.files()) == [
        "contracts/notebook.openapi.json",
        "deep/er/test_places/TestNotes.test_in_a_class.yaml",
        "deep/er/test_places/named.yaml",
        "deep/er/test_places/test_param[a-b]-0d4deea1.yaml",
        "deep/er/test_places/test_param[a-b].yaml",
    ]


def test_without_a_section_of_its_own_a_project_has_plain_pytest_recording(project: Project) -> None:
    project.write("pyproject.toml", "[tool.pytest.ini_options]\n")
    project.test(
        """
        @pytest.mark.vcr
        def test_notes():
            with client() as c:
                assert c.get("/health").json() == {"status": "ok"}
        """
    )

    run = project.pytest()

    assert "taketwo:" not in run.output
    assert "KeyError: 'NOTEBOOK_URL'" in run.output


def test_plain_pytest_recording_writes_its_own_cassettes(project: Project, another: str) -> None:
    project.write("pyproject.toml", "[tool.pytest.ini_options]\n")
    project.test(
        """
        @pytest.mark.vcr
        def test_health():
            with client() as c:
                assert c.get("/health").json() == {"status": "ok"}
        """
    )

    run = project.pytest("--record-mode=once", environment={"NOTEBOOK_URL": another})

    assert run.tail == "1 passed"
    assert (project.root / "tests/cassettes/test_notes/test_health.yaml").is_file()
    assert project.files() == {}
