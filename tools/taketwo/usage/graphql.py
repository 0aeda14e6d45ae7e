"""
Recorded GraphQL read by its schema.

A document is read once, however often it is sent; its variables and its answers each time. graphql-core says
what is wrong in a document, and the places that were visited here say at which coordinate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeGuard, cast

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
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
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    parse,
    print_ast,
    type_from_ast,
    validate,
    value_from_ast_untyped,
)

from taketwo.cassette import Interaction, JsonValue
from taketwo.contract.changes import Kind
from taketwo.usage.graphql_requests import GraphQLCall, calls_in
from taketwo.usage.notes import Notes
from taketwo.usage.schema_reading import has_placeholder

_Parent: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
_Inputs: TypeAlias = Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField]
_TYPENAME: Final = "__typename"
_META: Final = frozenset({"__schema", "__type", _TYPENAME})


@dataclass(slots=True)
class _Selected:
    """
    What stands under one key of an answer: the field's nodes, which are merged.
    """

    name: str
    nodes: list[FieldNode] = field(default_factory=list)
    is_conditional: bool = True


class GraphQLReader:
    """
    Reads interactions by one schema; *path* is where the service takes GraphQL.
    """

    def __init__(self, schema: GraphQLSchema, *, address: str, path: str) -> None:
        self._schema = schema
        self._url = address.rstrip("/") + path
        self._documents: dict[tuple[str, str], _Document | None] = {}

    def read(self, interaction: Interaction, notes: Notes) -> None:
        """
        Note what *interaction* touches and gets wrong.
        """
        if interaction.request.url.rstrip("/") != self._url.rstrip("/"):
            return
        for call, answer in calls_in(interaction):
            document = self._document(call)
            if document is not None:
                self._read(document, call, answer, notes)

    def _read(self, document: _Document, call: GraphQLCall, answer: JsonValue, notes: Notes) -> None:
        data = answer.get("data") if isinstance(answer, Mapping) else None
        has_errors = not isinstance(answer, Mapping) or bool(answer.get("errors"))
        with notes.excused(when=has_errors and data is None):
            notes.join(document.notes)
            document.variables(call.variables, notes)
        if isinstance(data, Mapping):
            document.answer(data, notes, has_errors=has_errors)

    def _document(self, call: GraphQLCall) -> _Document | None:
        key = call.query, call.operation
        if key not in self._documents:
            self._documents[key] = _document(self._schema, call)
        return self._documents[key]


def _document(schema: GraphQLSchema, call: GraphQLCall) -> _Document | None:
    """
    None for what is no GraphQL: a service refuses it, whatever its schema is.
    """
    try:
        node = parse(call.query)
    except (GraphQLError, RecursionError):
        return None
    chosen = [
        one
        for one in node.definitions
        if isinstance(one, OperationDefinitionNode)
        and (not call.operation or (one.name and one.name.value == call.operation))
    ]
    if len(chosen) != 1:
        return None
    document = _Document(schema=schema, node=node, operation=chosen[0])
    document.read()
    return document


@dataclass(slots=True, kw_only=True)
class _Document:
    """
    One operation of one document; ``notes`` hold what it touches by itself.
    """

    schema: GraphQLSchema
    node: DocumentNode
    operation: OperationDefinitionNode
    notes: Notes = field(default_factory=lambda: Notes(kind=Kind.GRAPHQL))
    _fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    _places: list[tuple[int, int, str]] = field(default_factory=list)
    _collected: dict[tuple[int, str], tuple[object, dict[str, _Selected]]] = field(default_factory=dict)

    def read(self) -> None:
        self._fragments = {
            one.name.value: one for one in self.node.definitions if isinstance(one, FragmentDefinitionNode)
        }
        root = self._root()
        if root is not None:
            self.notes.touch(f"schema.{self.operation.operation.value}", root.name)
            self._directives(self.operation)
            self._selections(self.operation.selection_set, root, frozenset())
        self._judge()

    def variables(self, given: Mapping[str, JsonValue], notes: Notes) -> None:
        """
        Note what the values of variables touch.
        """
        for definition in self.operation.variable_definitions or ():
            type_ = type_from_ast(self.schema, definition.type)
            name = definition.variable.name.value
            if type_ is None:
                continue
            if name in given:
                _input(given[name], type_, notes, f"${name}")
            elif definition.default_value is not None:
                value = _untyped(definition.default_value)
                _input(value, type_, notes, f"${name}")
            elif is_non_null_type(type_):
                notes.mistake(_named(type_), f"variable ${name} is required, and missing")

    def answer(self, data: Mapping[str, JsonValue], notes: Notes, *, has_errors: bool) -> None:
        """
        Note what the answer touches, and where it is not what was asked for.
        """
        root = self._root()
        if root is not None:
            self._object(data, root, [self.operation.selection_set], notes, has_errors=has_errors)

    def _root(self) -> GraphQLObjectType | None:
        return self.schema.get_root_type(self.operation.operation)

    # ------------------------------------------------------------ document

    def _selections(self, node: SelectionSetNode, parent: _Parent, inside: frozenset[str]) -> None:
        self.notes.touch(parent.name, _kind_word(parent))
        for one in node.selections:
            self._directives(one)
            if isinstance(one, FieldNode):
                self._field(one, parent, inside)
            elif isinstance(one, InlineFragmentNode):
                named = one.type_condition.name.value if one.type_condition else parent.name
                self._fragment(one.selection_set, named, parent, inside)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in inside:
                fragment = self._fragments.get(one.name.value)
                if fragment is not None:
                    named = fragment.type_condition.name.value
                    self._fragment(fragment.selection_set, named, parent, inside | {one.name.value})

    def _fragment(self, node: SelectionSetNode, named: str, parent: _Parent, inside: frozenset[str]) -> None:
        type_ = self.schema.get_type(named)
        self._place(node, named)
        if type_ is not None and is_composite_type(type_):
            self._selections(node, type_, inside)
            if type_ is not parent:
                self.notes.touch(named, _kind_word(type_))

    def _field(self, node: FieldNode, parent: _Parent, inside: frozenset[str]) -> None:
        name = node.name.value
        coordinate = f"{parent.name}.{name}"
        self._place(node, coordinate)
        described = None if isinstance(parent, GraphQLUnionType) else parent.fields.get(name)
        if described is None:
            return
        self.notes.touch(coordinate, str(described.type))
        self._touch_output(described)
        self._arguments(node, described, coordinate)
        named = get_named_type(described.type)
        if node.selection_set and is_composite_type(named):
            self._selections(node.selection_set, named, inside)

    def _touch_output(self, described: GraphQLField) -> None:
        named = get_named_type(described.type)
        self.notes.touch(named.name, _kind_word(named))

    def _arguments(self, node: FieldNode, described: GraphQLField, coordinate: str) -> None:
        given = {argument.name.value: argument for argument in node.arguments or ()}
        for name, argument in given.items():
            at = f"{coordinate}({name}:)"
            self._place(argument, at)
            known = described.args.get(name)
            if known is not None:
                self.notes.touch(at, _says(known))
                self._literal(argument.value, known.type)
        _omitted(described.args, given, f"{coordinate}({{}}:)", self.notes)

    def _literal(self, node: ValueNode, type_: GraphQLType) -> None:
        """
        What a value in the document touches; variables are read where they are given.
        """
        named = get_named_type(cast("GraphQLNamedType", type_))
        if isinstance(node, VariableNode):
            return
        if isinstance(node, ListValueNode):
            for item in node.values:
                self._literal(item, type_)
        elif isinstance(named, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
            self._literal_object(node, named)
        elif isinstance(named, GraphQLEnumType) and isinstance(node, EnumValueNode):
            self._place(node, f"{named.name}.{node.value}")
            if node.value in named.values:
                self.notes.touch(f"{named.name}.{node.value}")
        elif isinstance(named, GraphQLScalarType):
            self.notes.touch(named.name, _kind_word(named))

    def _literal_object(self, node: ObjectValueNode, type_: GraphQLInputObjectType) -> None:
        self.notes.touch(type_.name, _kind_word(type_))
        given = {one.name.value: one for one in node.fields}
        for name, one in given.items():
            self._place(one, f"{type_.name}.{name}")
            known = type_.fields.get(name)
            if known is not None:
                self.notes.touch(f"{type_.name}.{name}", _says(known))
                self._literal(one.value, known.type)
        _omitted(type_.fields, given, f"{type_.name}.{{}}", self.notes)

    def _directives(self, node: Node) -> None:
        for one in getattr(node, "directives", None) or ():
            described = self.schema.get_directive(one.name.value)
            self._place(one, f"@{one.name.value}")
            if described is not None:
                self.notes.touch(f"@{described.name}")
                given = {argument.name.value: argument for argument in one.arguments or ()}
                for name in given.keys() & described.args.keys():
                    at = f"@{described.name}({name}:)"
                    self.notes.touch(at, _says(described.args[name]))
                    self._literal(given[name].value, described.args[name].type)
                _omitted(described.args, given, f"@{described.name}({{}}:)", self.notes)

    def _place(self, node: Node, coordinate: str) -> None:
        if node.loc is not None:
            self._places.append((node.loc.start, node.loc.end, coordinate))

    def _judge(self) -> None:
        for error in validate(self.schema, self.node):
            self.notes.mistake(self._coordinate_of(error), error.message)

    def _coordinate_of(self, error: GraphQLError) -> str:
        """
        The innermost place that was visited around the error.
        """
        loc = error.nodes[0].loc if error.nodes else None
        around = [place for place in self._places if loc and place[0] <= loc.start and loc.end <= place[1]]
        innermost = min(around, key=lambda place: place[1] - place[0], default=None)
        return innermost[2] if innermost else f"schema.{self.operation.operation.value}"

    # -------------------------------------------------------------- answer

    def _object(
        self,
        value: Mapping[str, JsonValue],
        type_: _Parent,
        sets: Sequence[SelectionSetNode],
        notes: Notes,
        *,
        has_errors: bool,
    ) -> None:
        concrete = self._concrete(value, type_, sets, notes)
        for one in concrete:
            self._fields(value, one, sets, notes, has_errors=has_errors, is_sure=len(concrete) == 1)

    def _concrete(
        self, value: Mapping[str, JsonValue], type_: _Parent, sets: Sequence[SelectionSetNode], notes: Notes
    ) -> list[GraphQLObjectType]:
        """
        The type that an object has, or all that it may have when it does not say.
        """
        if isinstance(type_, GraphQLObjectType):
            return [type_]
        possible = list(self.schema.get_possible_types(type_))
        keys = {
            key
            for one in possible
            for key, selected in self._collect(sets, one).items()
            if selected.name == _TYPENAME
        }
        said = next((value[key] for key in keys if isinstance(value.get(key), str)), None)
        named = [one for one in possible if one.name == said]
        if said is not None and not named:
            notes.mistake(type_.name, f"{said} is none of its types")
        return named or possible

    def _fields(
        self,
        value: Mapping[str, JsonValue],
        type_: GraphQLObjectType,
        sets: Sequence[SelectionSetNode],
        notes: Notes,
        *,
        has_errors: bool,
        is_sure: bool,
    ) -> None:
        notes.touch(type_.name, _kind_word(type_))
        selected = self._collect(sets, type_)
        with notes.excused(when=not is_sure):
            for key, one in selected.items():
                described = type_.fields.get(one.name)
                if described is None:
                    continue
                coordinate = f"{type_.name}.{one.name}"
                notes.touch(coordinate, str(described.type))
                if key in value:
                    further = [node.selection_set for node in one.nodes if node.selection_set]
                    self._value(value[key], described.type, coordinate, further, notes, has_errors=has_errors)
                elif not one.is_conditional and not has_errors:
                    notes.mistake(coordinate, "it was asked for, and is missing from the answer")
            for key in value.keys() - selected.keys():
                notes.mistake(f"{type_.name}.{key}", "the answer has it, and nobody asked for it")

    def _value(
        self,
        value: JsonValue,
        type_: GraphQLOutputType,
        at: str,
        sets: Sequence[SelectionSetNode],
        notes: Notes,
        *,
        has_errors: bool,
    ) -> None:
        if is_non_null_type(type_):
            if value is None and not has_errors:
                notes.mistake(at, f"it is null, and the contract says {type_}")
            type_ = type_.of_type
        if value is None:
            return
        if is_list_type(type_):
            if not _is_list(value):
                notes.mistake(at, f"it is no list, and the contract says {type_}")
                return
            for item in value:
                self._value(item, type_.of_type, at, sets, notes, has_errors=has_errors)
        elif is_composite_type(type_):
            if isinstance(value, Mapping):
                self._object(value, type_, sets, notes, has_errors=has_errors)
            else:
                notes.mistake(at, f"it is no object, and the contract says {type_}")
        else:
            _leaf(value, cast("GraphQLNamedType", type_), at, notes)

    def _collect(self, sets: Sequence[SelectionSetNode], type_: GraphQLObjectType) -> dict[str, _Selected]:
        """
        What an answer of *type_* holds, by its keys.
        """
        if len(sets) != 1:
            selected: dict[str, _Selected] = {}
            for one in sets:
                self._gather(one, type_, selected, frozenset(), is_conditional=False)
            return selected
        key = id(sets[0]), type_.name
        if key not in self._collected:
            found: dict[str, _Selected] = {}
            self._gather(sets[0], type_, found, frozenset(), is_conditional=False)
            self._collected[key] = sets[0], found
        return self._collected[key][1]

    def _gather(
        self,
        node: SelectionSetNode,
        type_: GraphQLObjectType,
        selected: dict[str, _Selected],
        inside: frozenset[str],
        *,
        is_conditional: bool,
    ) -> None:
        for one in node.selections:
            conditional = is_conditional or any(
                directive.name.value in {"include", "skip", "defer"} for directive in one.directives or ()
            )
            if isinstance(one, FieldNode):
                key = one.alias.value if one.alias else one.name.value
                entry = selected.setdefault(key, _Selected(one.name.value))
                entry.nodes.append(one)
                entry.is_conditional = entry.is_conditional and conditional
                continue
            within, named, spread = self._inner(cast("FragmentSpreadNode | InlineFragmentNode", one))
            if within is not None and spread not in inside and self._applies(named, type_):
                further = inside | {spread} if spread else inside
                self._gather(within, type_, selected, further, is_conditional=conditional)

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
        condition = self.schema.get_type(named) if named else None
        if named is None or condition is type_:
            return True
        if condition is None or not is_abstract_type(condition):
            return False
        return self.schema.is_sub_type(condition, type_)


def _input(value: JsonValue, type_: GraphQLType, notes: Notes, where: str) -> None:
    """
    Note what a variable's value touches and gets wrong.
    """
    if is_non_null_type(type_):
        if value is None:
            notes.mistake(_named(type_), f"{where} is null, and the contract says {type_}")
        type_ = type_.of_type
    if value is None:
        return
    if is_list_type(type_):
        for item in value if _is_list(value) else [value]:
            _input(item, type_.of_type, notes, where)
        return
    if isinstance(type_, GraphQLInputObjectType):
        _input_object(value, type_, notes, where)
    elif isinstance(type_, GraphQLEnumType):
        if isinstance(value, str) and value in type_.values:
            notes.touch(f"{type_.name}.{value}")
        else:
            notes.mistake(f"{type_.name}.{value}", f"{where} is {value!r}, which is no value of {type_}")
    elif isinstance(type_, GraphQLScalarType):
        notes.touch(type_.name, _kind_word(type_))
        _scalar(value, type_, type_.name, notes, f"{where} ")


def _input_object(value: JsonValue, type_: GraphQLInputObjectType, notes: Notes, where: str) -> None:
    notes.touch(type_.name, _kind_word(type_))
    if not isinstance(value, Mapping):
        notes.mistake(type_.name, f"{where} is no object")
        return
    for name, member in value.items():
        known = type_.fields.get(name)
        if known is None:
            notes.mistake(f"{type_.name}.{name}", f"{where} has it, and the contract knows no such field")
            continue
        notes.touch(f"{type_.name}.{name}", _says(known))
        _input(member, known.type, notes, f"{where}.{name}")
    for name, known in type_.fields.items():
        if name not in value and is_non_null_type(known.type) and _default(known) is None:
            notes.mistake(f"{type_.name}.{name}", f"{where} needs it, and it is missing")
    _omitted(type_.fields, value, f"{type_.name}.{{}}", notes)


def _omitted(known: _Inputs, given: Iterable[str], coordinate: str, notes: Notes) -> None:
    for name in known.keys() - set(given):
        notes.omit(coordinate.format(name))


def _leaf(value: JsonValue, type_: GraphQLNamedType, at: str, notes: Notes) -> None:
    if isinstance(type_, GraphQLEnumType):
        notes.touch(type_.name, _kind_word(type_))
        if isinstance(value, str) and value in type_.values:
            notes.touch(f"{type_.name}.{value}")
        else:
            notes.mistake(at, f"it is {value!r}, which is no value of {type_}")
    elif isinstance(type_, GraphQLScalarType):
        _scalar(value, type_, at, notes, "it ")


_SCALARS: Final[Mapping[str, tuple[type, ...]]] = {
    "Boolean": (bool,),
    "Float": (int, float),
    "ID": (str, int),
    "Int": (int,),
    "String": (str,),
}


def _scalar(value: JsonValue, type_: GraphQLScalarType, at: str, notes: Notes, what: str) -> None:
    """
    Scalars of the service's own may be anything; a placeholder stands for a text.
    """
    wanted = _SCALARS.get(type_.name)
    if wanted is None or (isinstance(value, str) and has_placeholder(value)):
        return
    if not isinstance(value, wanted) or (isinstance(value, bool) and type_.name != "Boolean"):
        notes.mistake(at, f"{what}is {value!r}, and the contract says {type_}")


def _says(value: GraphQLArgument | GraphQLInputField) -> str:
    return f"{value.type}"


def _default(value: GraphQLArgument | GraphQLInputField) -> str | None:
    node = value.ast_node
    return print_ast(node.default_value) if node and node.default_value else None


def _kind_word(type_: object) -> str:
    return type(type_).__name__


def _named(type_: object) -> str:
    return get_named_type(cast("GraphQLNamedType", type_)).name


def _untyped(node: ValueNode) -> JsonValue:
    return cast("JsonValue", value_from_ast_untyped(node))


def _is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
