"""A tool: what the LLM reads about it, what it takes, and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypedDict, cast

from bot.errors import BotError
from bot.mesh import Json, Mesh

Kind: TypeAlias = Literal["string", "boolean", "array", "object"]

_PYTHON: dict[Kind, type] = {"string": str, "boolean": bool, "array": list, "object": dict}
_SPOKEN: dict[Kind, str] = {
    "string": "a text",
    "boolean": "true or false",
    "array": "a list of texts",
    "object": "an object",
}


class Unable(BotError):  # noqa: N818 - it is an answer, spoken as it stands
    """
    The tool cannot do it, and the message says why in words for the user.
    """


class ArgumentsError(BotError):
    """
    The LLM gave what the schema does not allow; the message tells it what to give.
    """


class FunctionSchema(TypedDict):
    """
    A function as an LLM gets it; *parameters* is JSON Schema.
    """

    name: str
    description: str
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    description: str
    kind: Kind = "string"
    required: bool = field(default=False, kw_only=True)
    choices: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def schema(self) -> dict[str, object]:
        schema: dict[str, object] = {"type": self.kind, "description": self.description}
        if self.kind == "array":
            schema["items"] = {"type": "string"}
        if self.choices:
            schema["enum"] = list(self.choices)
        return schema

    def problem(self, value: object) -> str | None:
        """
        What is wrong with a value that was given for it.
        """
        # bool is a kind of int, but nobody's kind of str, list or dict.
        if not isinstance(value, _PYTHON[self.kind]) or not _texts_if_list(value):
            return f"{self.name} must be {_SPOKEN[self.kind]}"
        if self.choices and value not in self.choices:
            return f"{self.name} must be one of: {', '.join(self.choices)}"
        if self.required and value == "":
            return f"{self.name} is empty"
        return None


class Arguments:
    """
    What was given, checked; what was not given is None.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        return cast("str", self._values[name])

    def text_or_none(self, name: str) -> str | None:
        return cast("str | None", self._values.get(name))

    def texts_or_none(self, name: str) -> list[str] | None:
        return cast("list[str] | None", self._values.get(name))

    def mapping_or_none(self, name: str) -> dict[str, Json] | None:
        return cast("dict[str, Json] | None", self._values.get(name))

    def flag(self, name: str) -> bool:
        return self._values.get(name) is True


@dataclass(frozen=True, slots=True)
class Session:
    """
    In whose name a tool acts; without a *mesh* each action opens its own.
    """

    tenant_id: str
    user_id: str
    mesh: Mesh | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """
    What the user's screen gets.
    """

    name: str
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What a tool has done: a *message* that can be spoken, and *data* that the LLM can use.
    """

    message: str
    data: Mapping[str, object] = field(default_factory=dict)
    event: Event | None = None


Run: TypeAlias = Callable[[Session, Arguments], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    description: str
    parameters: tuple[Parameter, ...]
    run: Run

    @property
    def schema(self) -> FunctionSchema:
        properties = {each.name: each.schema for each in self.parameters}
        required = [each.name for each in self.parameters if each.required]
        parameters: dict[str, object] = {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }
        return {"name": self.name, "description": self.description, "parameters": parameters}

    def arguments(self, given: Mapping[str, object] | None) -> Arguments:
        """
        The arguments, or an :class:`ArgumentsError` that names everything that is wrong with them.
        """
        # An LLM says null for what it leaves out.
        values = {name: value for name, value in (given or {}).items() if value is not None}
        if problems := list(self._problems(values)):
            raise ArgumentsError("; ".join(problems))
        return Arguments(values)

    def _problems(self, values: Mapping[str, object]) -> Iterator[str]:
        known = {each.name: each for each in self.parameters}
        for parameter in self.parameters:
            if parameter.required and parameter.name not in values:
                yield f"{parameter.name} is missing"
        for name, value in values.items():
            if name not in known:
                yield f"{self.name} takes no {name}"
            elif (problem := known[name].problem(value)) is not None:
                yield problem


def _texts_if_list(value: object) -> bool:
    return not isinstance(value, list) or all(isinstance(each, str) for each in value)
