"""
What reaches a socket: nothing in a test that is replayed, this machine in one without a cassette.
"""

from __future__ import annotations

from tests.toolkit.conftest import Project

SERVER = """
import socket
from urllib.request import urlopen


@pytest.fixture(scope="session")
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def connect(port, host="127.0.0.1"):
    with socket.socket() as mine:
        mine.settimeout(1)
        mine.connect((host, port))
"""


def test_who_may_connect_while_cassettes_are_replayed(project: Project) -> None:
    project.test(
        SERVER
        + """
FAR = "192.0.2.1"


@pytest.mark.vcr
def test_one_with_a_cassette_may_not(port):
    with pytest.raises(RuntimeError, match="Network is disabled"):
        connect(port)


@pytest.mark.vcr
@pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
def test_one_with_a_cassette_may_where_it_says_so(port):
    connect(port)


def test_any_other_may_on_this_machine(port):
    connect(port)
    with pytest.raises(RuntimeError, match="Network is disabled for host '192.0.2.1'"):
        connect(80, FAR)


@pytest.mark.block_network
def test_any_other_may_not_when_it_asks_for_that(port):
    with pytest.raises(RuntimeError, match="Network is disabled"):
        connect(port)


class TestConfigured:
    @pytest.fixture
    def vcr_config(self):
        return {"allowed_hosts": ["127.0.0.1"]}

    @pytest.mark.vcr
    def test_with_a_cassette(self, port):
        connect(port)
"""
    )

    run = project.pytest()
    blocked = project.pytest("--block-network", "-k", "this_machine")
    allowed = project.pytest("--block-network", "--allowed-hosts=127.0.0.1", "-k", "this_machine")

    assert run.tail == "5 passed"
    assert blocked.tail == "1 failed, 4 deselected"
    assert allowed.tail == "1 passed, 4 deselected"


def test_a_test_that_asks_for_no_network_has_none_while_others_are_recorded(project: Project) -> None:
    project.test(
        SERVER
        + """
@pytest.mark.block_network
def test_asks(port):
    with pytest.raises(RuntimeError, match="Network is disabled"):
        connect(port)


@pytest.mark.vcr
def test_recorded(port):
    connect(port)
    with client() as c:
        c.get("/notes")
"""
    )

    recorded = project.pytest("--record-mode=rewrite")
    disabled = project.pytest("--disable-recording")

    assert recorded.tail == "2 passed"
    assert disabled.tail == "2 passed"


def test_what_block_network_does_not_know_is_refused(project: Project) -> None:
    project.test(
        """
        @pytest.mark.block_network(hosts=["127.0.0.1"])
        def test_typo():
            pass
        """
    )

    run = project.pytest()

    assert run.tail == "1 error"
    assert "Invalid arguments to `block_network`" in run.output
