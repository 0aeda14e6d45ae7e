"""
Filters: read from REST or GraphQL into one tree, and from there into SQL.
"""

from mesh_inmemory.filters.sql import Bindings, ordering, predicate
from mesh_inmemory.filters.tree import (
    EVERYTHING,
    NOTHING,
    All,
    AnyOf,
    Column,
    Comparison,
    Condition,
    FilterError,
    Not,
    Operator,
    Path,
    Target,
    comparison,
)

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "All",
    "AnyOf",
    "Bindings",
    "Column",
    "Comparison",
    "Condition",
    "FilterError",
    "Not",
    "Operator",
    "Path",
    "Target",
    "comparison",
    "ordering",
    "predicate",
]
