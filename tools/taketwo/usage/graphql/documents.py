"""
A GraphQL document read by its schema: what it touches by itself, whatever is sent and answered with it.

graphql-core says what is wrong in a document, and the places that were visited here say at which coordinate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
    InlineFragmentNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    validate,
)

from taketwo.contract.changes import Kind
from taketwo.usage.graphql.values import kind_word, note_omitted
from taketwo.usage.notes import Notes

_Parent: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


def read_document(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> Notes:
    """
    What *operation* of *document* touches and gets wrong.
    """
    reader = _DocumentReader(schema=schema, operation=operation, fragments=fragments)
    reader.visit()
    reader.judge(document)
    return reader.notes


@dataclass(slots=True, kw_only=True)
class _DocumentReader:
    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    notes: Notes = field(default_factory=lambda: Notes(kind=Kind.GRAPHQL))
    _places: list[tuple[int, int, str]] = field(default_factory=list)

    def visit(self) -> None:
        root = self.schema.get_root_type(self.operation.operation)
        if root is not None:
            self.notes.touch(self._at_root, root.name)
            self._directives(self.operation)
            self._selections(self.operation.selection_set, root, frozenset())

    def judge(self, document: DocumentNode) -> None:
        for error in validate(self.schema, document):
            self.notes.mistake(self._coordinate_of(error), error.message)

    @property
    def _at_root(self) -> str:
        return f"schema.{self.operation.operation.value}"

    def _coordinate_of(self, error: GraphQLError) -> str:
        """
        The innermost place that was visited around the error.
        """
        loc = error.nodes[0].loc if error.nodes else None
        around = [place for place in self._places if loc and place[0] <= loc.start and loc.end <= place[1]]
        innermost = min(around, key=lambda place: place[1] - place[0], default=None)
        return innermost[2] if innermost else self._at_root

    def _place(self, node: Node, coordinate: str) -> None:
        if node.loc is not None:
            self._places.append((node.loc.start, node.loc.end, coordinate))

    # ----------------------------------------------------------- selections

    def _selections(self, node: SelectionSetNode, parent: _Parent, inside: frozenset[str]) -> None:
        self.notes.touch(parent.name, kind_word(parent))
        for one in node.selections:
            self._directives(one)
            if isinstance(one, FieldNode):
                self._field(one, parent, inside)
            elif isinstance(one, InlineFragmentNode):
                named = one.type_condition.name.value if one.type_condition else parent.name
                self._fragment(one.selection_set, named, parent, inside)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in inside:
                fragment = self.fragments.get(one.name.value)
                if fragment is not None:
                    named = fragment.type_condition.name.value
                    self._fragment(fragment.selection_set, named, parent, inside | {one.name.value})

    def _fragment(self, node: SelectionSetNode, named: str, parent: _Parent, inside: frozenset[str]) -> None:
        type_ = self.schema.get_type(named)
        self._place(node, named)
        if type_ is not None and is_composite_type(type_):
            self._selections(node, type_, inside)
            if type_ is not parent:
                self.notes.touch(named, kind_word(type_))

    def _field(self, node: FieldNode, parent: _Parent, inside: frozenset[str]) -> None:
        name = node.name.value
        coordinate = f"{parent.name}.{name}"
        self._place(node, coordinate)
        described = None if isinstance(parent, GraphQLUnionType) else parent.fields.get(name)
        if described is None:
            return
        named = get_named_type(described.type)
        self.notes.touch(coordinate, str(described.type))
        self.notes.touch(named.name, kind_word(named))
        self._arguments(node, described.args, coordinate)
        if node.selection_set and is_composite_type(named):
            self._selections(node.selection_set, named, inside)

    # --------------------------------------------------- arguments and values

    def _directives(self, node: Node) -> None:
        for one in getattr(node, "directives", None) or ():
            described = self.schema.get_directive(one.name.value)
            self._place(one, f"@{one.name.value}")
            if described is not None:
                self.notes.touch(f"@{described.name}")
                self._arguments(one, described.args, f"@{described.name}")

    def _arguments(
        self, node: FieldNode | DirectiveNode, known: Mapping[str, GraphQLArgument], coordinate: str
    ) -> None:
        given: dict[str, ArgumentNode] = {one.name.value: one for one in node.arguments or ()}
        for name, argument in given.items():
            at = f"{coordinate}({name}:)"
            self._place(argument, at)
            if name in known:
                self.notes.touch(at, str(known[name].type))
                self._literal(argument.value, known[name].type)
        note_omitted(known, given, f"{coordinate}({{}}:)", self.notes)

    def _literal(self, node: ValueNode, type_: GraphQLType) -> None:
        """
        What a value in the document touches; variables are read where they are given.
        """
        named = get_named_type(cast("GraphQLNamedType", type_))
        if isinstance(node, ListValueNode):
            for item in node.values:
                self._literal(item, type_)
        elif isinstance(named, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
            self._object(node, named)
        elif isinstance(named, GraphQLEnumType) and isinstance(node, EnumValueNode):
            self._place(node, f"{named.name}.{node.value}")
            if node.value in named.values:
                self.notes.touch(f"{named.name}.{node.value}")
        elif isinstance(named, GraphQLScalarType) and not isinstance(node, VariableNode):
            self.notes.touch(named.name, kind_word(named))

    def _object(self, node: ObjectValueNode, type_: GraphQLInputObjectType) -> None:
        self.notes.touch(type_.name, kind_word(type_))
        given = {one.name.value: one for one in node.fields}
        for name, one in given.items():
            self._place(one, f"{type_.name}.{name}")
            known = type_.fields.get(name)
            if known is not None:
                self.notes.touch(f"{type_.name}.{name}", str(known.type))
                self._literal(one.value, known.type)
        note_omitted(type_.fields, given, f"{type_.name}.{{}}", self.notes)
