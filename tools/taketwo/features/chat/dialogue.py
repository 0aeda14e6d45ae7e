"""
What was asked of a language model and what it answered, in whatever dialect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from taketwo.cassette.body.codec import parse_json
from taketwo.cassette.model import JsonValue

Object = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Call:
    """
    A tool that a model calls; *arguments* are the JSON value, or the text where it is none.
    """

    name: str
    arguments: JsonValue = None
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """
    What one role says: a text, the tools that it calls, and what is no text, such as ``image``.
    """

    role: str
    text: str = ""
    calls: tuple[Call, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tokens:
    """
    The tokens that went in and came out, as the service counted them.
    """

    sent: int = 0
    received: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.sent + other.sent, self.received + other.received)

    @property
    def total(self) -> int:
        return self.sent + self.received


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """
    One call of a model; ``tokens`` is None where the answer counts none.
    """

    dialect: str
    model: str
    asked: tuple[Turn, ...]
    answered: tuple[Turn, ...] = ()
    tokens: Tokens | None = None

    @property
    def without_text(self) -> Dialogue:
        """
        The same without what is free to be put in other words.
        """
        return replace(
            self,
            asked=tuple(replace(turn, text=bool(turn.text) * "text") for turn in self.asked),
            answered=tuple(replace(turn, text=bool(turn.text) * "text") for turn in self.answered),
            tokens=None,
        )


@dataclass(slots=True)
class Draft:
    """
    A turn while its pieces come.
    """

    role: str = "assistant"
    texts: list[str] = field(default_factory=list)
    calls: dict[object, list[str]] = field(default_factory=dict)
    names: dict[object, tuple[str, str]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def call(self, key: object, *, name: str = "", call_id: str = "", arguments: str = "") -> None:
        """
        Add a piece of the call that has *key*.
        """
        known = self.names.get(key, ("", ""))
        self.names[key] = (known[0] or name, known[1] or call_id)
        self.calls.setdefault(key, []).append(arguments)

    def turn(self) -> Turn:
        calls = (
            Call(self.names[key][0], arguments_of("".join(parts)), self.names[key][1])
            for key, parts in self.calls.items()
        )
        return Turn(role=self.role, text="".join(self.texts), calls=tuple(calls), others=tuple(self.others))


def arguments_of(text: str) -> JsonValue:
    """
    The JSON that a model wrote as the arguments of a call; the text itself where it is none.
    """
    is_json, value = parse_json(text.encode("utf-8", "surrogatepass"))
    return value if is_json else text


def an_object(value: JsonValue) -> Object:
    return value if isinstance(value, Mapping) else {}


def a_list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def a_text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def a_count(value: JsonValue) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def objects(value: JsonValue) -> Iterable[Object]:
    return (item for item in a_list(value) if isinstance(item, Mapping))
