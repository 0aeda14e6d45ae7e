"""
What an operation asks of each type, with its fragments laid open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    is_abstract_type,
)

_CONDITIONS = {"include", "skip", "defer"}


@dataclass(slots=True)
class Selected:
    """
    What is under one key of an answer: the field's nodes, which are merged.
    """

    name: str
    nodes: list[FieldNode] = field(default_factory=list)
    is_conditional: bool = True

    @property
    def further(self) -> list[SelectionSetNode]:
        """
        What is asked of its value.
        """
        return [node.selection_set for node in self.nodes if node.selection_set]


class Selections:
    """
    What is selected, by the keys of an answer; most is asked for again with each answer, and kept.
    """

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        # With the node, so that no other gets its id.
        self._kept: dict[tuple[int, str], tuple[SelectionSetNode, dict[str, Selected]]] = {}

    def of(self, sets: Sequence[SelectionSetNode], type_: GraphQLObjectType) -> Mapping[str, Selected]:
        """
        What an answer of *type_* holds, by its keys.
        """
        if len(sets) != 1:
            return self._gathered(sets, type_)
        key = id(sets[0]), type_.name
        if key not in self._kept:
            self._kept[key] = sets[0], self._gathered(sets, type_)
        return self._kept[key][1]

    def _gathered(self, sets: Sequence[SelectionSetNode], type_: GraphQLObjectType) -> dict[str, Selected]:
        found: dict[str, Selected] = {}
        for one in sets:
            self._gather(one, type_, found, frozenset(), is_conditional=False)
        return found

    def _gather(
        self,
        node: SelectionSetNode,
        type_: GraphQLObjectType,
        found: dict[str, Selected],
        inside: frozenset[str],
        *,
        is_conditional: bool,
    ) -> None:
        for one in node.selections:
            conditional = is_conditional or any(
                directive.name.value in _CONDITIONS for directive in one.directives or ()
            )
            if isinstance(one, FieldNode):
                _add(one, found, is_conditional=conditional)
                continue
            within, named, spread = self._inner(cast("FragmentSpreadNode | InlineFragmentNode", one))
            if within is not None and spread not in inside and self._applies(named, type_):
                further = inside | {spread} if spread else inside
                self._gather(within, type_, found, further, is_conditional=conditional)

    def _inner(
        self, node: FragmentSpreadNode | InlineFragmentNode
    ) -> tuple[SelectionSetNode | None, str | None, str]:
        if isinstance(node, InlineFragmentNode):
            return node.selection_set, node.type_condition.name.value if node.type_condition else None, ""
        fragment = self._fragments.get(node.name.value)
        if fragment is None:
            return None, None, ""
        return fragment.selection_set, fragment.type_condition.name.value, node.name.value

    def _applies(self, named: str | None, type_: GraphQLObjectType) -> bool:
        condition = self._schema.get_type(named) if named else None
        if named is None or condition is type_:
            return True
        if condition is None or not is_abstract_type(condition):
            return False
        return self._schema.is_sub_type(condition, type_)


def _add(node: FieldNode, found: dict[str, Selected], *, is_conditional: bool) -> None:
    key = node.alias.value if node.alias else node.name.value
    selected = found.setdefault(key, Selected(node.name.value))
    selected.nodes.append(node)
    selected.is_conditional = selected.is_conditional and is_conditional
