"""
Frozen values that a run can afford: code for their classes is generated when it is needed, or never.
"""

from __future__ import annotations

import threading
from dataclasses import Field, dataclass, field
from typing import Any, ClassVar, Self, dataclass_transform

_making = threading.RLock()


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Value:
    """
    A frozen value. Its fields are the annotations of its class, all to be given by name, and those that the
    class gives a value may be left out.

    ``NamedTuple`` and ``dataclass`` compile the methods of each class while it is imported, which takes
    0.3 ms a class, in every run of pytest. Here they are written once, and a class costs nothing.
    """

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401 - a type checker knows them, by the decorator
        known = type(self).__annotations__
        wrong = [name for name in fields if name not in known]
        wrong += [name for name in known if name not in fields and not hasattr(type(self), name)]
        if wrong:
            raise TypeError(f"{type(self).__name__}: fields that are unknown or missing: {', '.join(wrong)}")
        vars(self).update(fields)

    def with_changed(self, **fields: Any) -> Self:  # noqa: ANN401 - as above
        """
        The same but for *fields*.
        """
        return type(self)(**{**self._items(), **fields})

    def __setattr__(self, name: str, _: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed: with_changed() gives another")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._items() == other._items()

    def __hash__(self) -> int:
        return hash(tuple(self._items().values()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._items().items())
        return f"{type(self).__name__}({shown})"

    def _items(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).__annotations__}


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class LazyValue:
    """
    A frozen dataclass that becomes one with its first instance, which makes as many as there are of any.

    A run makes instances of few classes of those that it imports, and each costs 1.5 ms to be made a
    dataclass with slots. ``kw_only`` as for a dataclass.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    _is_kw_only: ClassVar[bool]

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        cls._is_kw_only = kw_only

    def __init__(self, *args: Any, **fields: Any) -> None:  # noqa: ANN401 - a type checker knows them
        cls = type(self)
        with _making:
            if cls.__init__ is LazyValue.__init__:
                dataclass(frozen=True, kw_only=cls._is_kw_only)(cls)
        cls.__init__(self, *args, **fields)
