"""What every test of the bot may ask for."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

import pytest


class Services(Protocol):
    """
    The toolkit's services, as far as a test needs them.
    """

    def reset(self, name: str) -> None: ...


@pytest.fixture
def tenant_id(request: pytest.FixtureRequest) -> str:
    """
    A tenant of the test's own: the same in every run, on every machine and in any order.
    """
    return _id_of(request, "tenant")


@pytest.fixture
def user_id(request: pytest.FixtureRequest) -> str:
    return _id_of(request, "user")


@pytest.fixture
def other_tenant_id(request: pytest.FixtureRequest) -> str:
    return _id_of(request, "other tenant")


@pytest.fixture
def other_user_id(request: pytest.FixtureRequest) -> str:
    return _id_of(request, "other user")


@pytest.fixture
def clean_db(taketwo_services: Services) -> None:
    """
    Mesh without a row, also in the middle of a module that does not reset it; nothing happens in a replay.
    """
    taketwo_services.reset("mesh")


@pytest.fixture
def pipeline() -> ModuleType:
    """
    :mod:`tests.pipeline`, imported by the tests that speak in one: Pipecat takes longer than all the others.
    """
    return import_module("tests.pipeline")


@pytest.fixture
def rooms() -> ModuleType:
    """
    :mod:`tests.rooms`, imported by the tests that hold conversations, for the same reason.
    """
    return import_module("tests.rooms")


def _id_of(request: pytest.FixtureRequest, role: str) -> str:
    node: pytest.Item = request.node
    return str(uuid5(NAMESPACE_URL, f"{node.nodeid}#{role}"))
