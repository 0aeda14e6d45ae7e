"""
What is a secret by its name and place: the usual names, and what the project adds and excepts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from taketwo.cassette.secrets.names import Kind, kind_of, plain
from taketwo.cassette.secrets.values import UUID, is_secret_value, is_session, looks_random

_SIDE = re.compile(r"(?:request|response)\.|(?:json|form|query|headers|parts)\.|\$\.?")
_LEAST_PATTERN = 2
_LONG_COOKIE = 20
_COOKIE = "cookie:"
LISTED = "redact"
"""The name of what a pattern of the project finds."""

IsKnown = Callable[[str], bool]


def knows_nothing(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _Said:
    """
    What one list of a project says, by its kinds.
    """

    names: frozenset[str]
    paths: tuple[str, ...]
    cookies: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> _Said:
        texts = tuple(texts)
        patterns = [
            text
            for text in texts
            if text.startswith("/") and text.endswith("/") and len(text) > _LEAST_PATTERN
        ]
        cookies = [text.removeprefix(_COOKIE) for text in texts if text.startswith(_COOKIE)]
        names = [text for text in texts if text not in patterns and not text.startswith(_COOKIE)]
        return cls(
            names=frozenset(map(plain, names)),
            paths=tuple(_SIDE.sub("", text) for text in names if "." in text),
            cookies=frozenset(name.lower() for name in cookies),
            patterns=tuple(re.compile(text[1:-1]) for text in patterns),
        )


@dataclass(frozen=True, slots=True)
class NameRules:
    """
    *redact* are names, paths, cookies (``cookie:theme``) and patterns (``/VIN-[0-9]{8}/``) whose values are
    secrets; *keep* are such that are none, with patterns of whole values.
    """

    listed: frozenset[str] = frozenset()
    listed_paths: tuple[str, ...] = ()
    listed_cookies: frozenset[str] = frozenset()
    listed_values: tuple[re.Pattern[str], ...] = ()
    kept: frozenset[str] = frozenset()
    kept_paths: tuple[str, ...] = ()
    kept_cookies: frozenset[str] = frozenset()
    kept_values: tuple[re.Pattern[str], ...] = ()
    stored: frozenset[str] = frozenset()
    plain_values: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, redact: Iterable[str], keep: Iterable[str]) -> NameRules:
        listed, kept = _Said.of(redact), _Said.of(keep)
        return cls(
            listed=listed.names,
            listed_paths=listed.paths,
            listed_cookies=listed.cookies,
            listed_values=listed.patterns,
            kept=kept.names,
            kept_paths=kept.paths,
            kept_cookies=kept.cookies,
            kept_values=kept.patterns,
        )

    def with_stored(self, names: Iterable[str]) -> NameRules:
        """
        The same with names under which a cassette has secrets: in a replay each text under one is a secret.
        """
        return replace(self, stored=self.stored | (frozenset(map(plain, names)) - self.kept))

    def with_plain(self, values: Iterable[tuple[str, str]]) -> NameRules:
        """
        The same with *values* by names that a cassette has as they are: they were no secrets.
        """
        return replace(self, plain_values=frozenset((plain(name), value) for name, value in values))

    def kind(self, name: str) -> Kind:
        own = plain(name)
        if own in self.kept:
            return Kind.HARMLESS
        if own in self.listed:
            return Kind.LISTED
        return Kind.STORED if own in self.stored else kind_of(name)

    def lists(self, path: str) -> bool:
        """
        Whether the project says of the dotted *path* of a body that its value is a secret.
        """
        return _is_one_of(path, self.listed_paths)

    def values_listed_in(self, text: str) -> Iterator[tuple[str, int]]:
        """
        What matches a pattern of *redact*, and where it begins.
        """
        for pattern in () if LISTED in self.kept else self.listed_values:
            for found in pattern.finditer(text):
                if found[0] and not self.keeps(found[0]):
                    yield found[0], found.start()

    def hides(self, name: str, value: str, path: str = "", *, is_known: IsKnown = knows_nothing) -> bool:
        """
        Whether *value* is a secret under *name*, at the dotted *path* of a body.
        """
        if self.lists(path):
            return bool(value) and not self.keeps(value, path)
        kind = self._kind_of(name, value, is_known)
        if kind is Kind.CREDENTIAL and "sess" in name.lower() and UUID.fullmatch(value):
            return False  # an id that addresses name, which is volatile; in a cookie it is a secret
        return is_secret_value(kind, value) and not self.keeps(value, path)

    def hides_cookie(self, name: str, value: str, *, is_known: IsKnown = knows_nothing) -> bool:
        """
        The same of a cookie, of which also one with another name is a secret when it looks like one.
        """
        if name.lower() in self.kept_cookies:
            return False
        if name.lower() in self.listed_cookies:
            return bool(value) and not self.keeps(value)
        kind = self._kind_of(name, value, is_known)
        if kind is Kind.HARMLESS:
            # One that is known, or holds it, is found by its value, and has the name of that.
            is_secret = plain(name) not in self.kept and len(value) >= _LONG_COOKIE and looks_random(value)
            is_secret = is_secret and not is_known(value)
        elif kind is Kind.SECRET or kind is Kind.CREDENTIAL:
            is_secret = is_session(value)
        else:
            is_secret = is_secret_value(kind, value)
        return is_secret and not self.keeps(value)

    def _kind_of(self, name: str, value: str, is_known: IsKnown) -> Kind:
        """
        The kind of *name* for a value: one that holds a known secret was recorded by that, not by the name,
        and one that the cassette has as it is was no secret.
        """
        kind = self.kind(name)
        if kind is not Kind.STORED:
            return kind
        return kind_of(name) if (plain(name), value) in self.plain_values or is_known(value) else kind

    def excepts(self, name: str, value: str, path: str = "") -> bool:
        """
        Whether the project says of a *value* under *name*, or at *path*, that it is no secret.
        """
        return plain(name) in self.kept or self.keeps(value, path)

    def keeps(self, value: str, path: str = "") -> bool:
        """
        Whether the project says of *value*, or of its place, that it is no secret.
        """
        if any(pattern.fullmatch(value) for pattern in self.kept_values):
            return True
        return _is_one_of(path, self.kept_paths)


def _is_one_of(path: str, paths: Iterable[str]) -> bool:
    return any(path == one or path.endswith(f".{one}") for one in paths) if path else False
