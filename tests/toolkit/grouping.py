"""
Which tests one worker has: the cells of a family of clients, which share their processes.

``--dist loadgroup`` of pytest-xdist 3.8 appends the names of groups to the ids of tests, which has no
effect with pytest 9.2. Without them the workers wait for each other, since all of them want the same family.
"""

from __future__ import annotations

from typing import Final

from xdist.scheduler import LoadGroupScheduling

from tests.toolkit.clients.table import cells

_CELL: Final = "/test_matrix.py::test_cell["
_FAMILIES: Final = {f"{row.name}-{thing}]": row.family for row, thing in cells()}


class GroupScheduling(LoadGroupScheduling):  # type: ignore[misc]  # xdist has no types
    """
    Finds the groups of the cells by their ids.
    """

    def _split_scope(self, nodeid: str) -> str:
        family = _FAMILIES.get(nodeid.partition(_CELL)[2])
        return family or str(super()._split_scope(nodeid))
