"""
What the server is made of, put together once and handed to every request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from mesh_inmemory.contract import Changes, ContentContract, RequestContract
    from mesh_inmemory.databases import Databases
    from mesh_inmemory.definitions import Registry
    from mesh_inmemory.settings import Settings
    from mesh_inmemory.validation import Validator


@dataclass(frozen=True, slots=True)
class Mesh:
    settings: Settings
    databases: Databases
    registry: Registry
    changes: Changes
    contract: ContentContract
    requests: RequestContract
    schema: GraphQLSchema
    validator: Validator | None
