"""
Definitions: which types there are, what their content looks like, and how rows are derived from it.
"""

from mesh_inmemory.definitions.definition import Definition
from mesh_inmemory.definitions.platform_types import PLATFORM
from mesh_inmemory.definitions.registry import DEFINITION_TYPE, Registry

__all__ = ["DEFINITION_TYPE", "PLATFORM", "Definition", "Registry"]
