"""
What is a secret by its name and place: the usual names, and what the project adds and excepts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from taketwo.cassette.secrets.names import Kind, kind_of, plain
from taketwo.cassette.secrets.values import UUID, is_secret_value, is_session, looks_random

_SIDE = re.compile(r"(?:request|response)\.|(?:json|form|query|headers|parts)\.|\$\.?")
_LEAST_PATTERN = 2
_LONG_COOKIE = 20
_COOKIE = "cookie:"

IsKnown = Callable[[str], bool]


def knows_nothing(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class NameRules:
    """
    *redact* are names whose values are secrets; *keep* are names, paths, cookies (``cookie:theme``) and
    patterns of values (``/sess_test_[a-z]+/``) that are none.
    """

    listed: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    kept_paths: tuple[str, ...] = ()
    kept_cookies: frozenset[str] = frozenset()
    kept_values: tuple[re.Pattern[str], ...] = ()
    stored: frozenset[str] = frozenset()
    plain_values: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, redact: Iterable[str], keep: Iterable[str]) -> NameRules:
        keep = tuple(keep)
        patterns = [
            text
            for text in keep
            if text.startswith("/") and text.endswith("/") and len(text) > _LEAST_PATTERN
        ]
        cookies = [text.removeprefix(_COOKIE) for text in keep if text.startswith(_COOKIE)]
        names = [text for text in keep if text not in patterns and not text.startswith(_COOKIE)]
        return cls(
            listed=frozenset(map(plain, redact)),
            kept=frozenset(map(plain, names)),
            kept_paths=tuple(_SIDE.sub("", text) for text in names if "." in text),
            kept_cookies=frozenset(name.lower() for name in cookies),
            kept_values=tuple(re.compile(text[1:-1]) for text in patterns),
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

    def hides(self, name: str, value: str, path: str = "", *, is_known: IsKnown = knows_nothing) -> bool:
        """
        Whether *value* is a secret under *name*, at the dotted *path* of a body.
        """
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
        return any(path == kept or path.endswith(f".{kept}") for kept in self.kept_paths) if path else False
