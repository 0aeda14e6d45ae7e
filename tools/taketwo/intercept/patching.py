"""
How code of somebody else's is replaced: when it is imported, once in a process, and undone at the end.

What is replaced, and why, is listed in :mod:`taketwo.intercept.registry` and
:mod:`taketwo.intercept.session_patches`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any, TypeAlias

from taketwo.value import Value

_OURS = "_taketwo_replacement"

Place: TypeAlias = "tuple[int, str]"
"""The id of a module or a class, and the name of one of its attributes."""

InPlace: TypeAlias = "tuple[Mapping[str, object], str, object]"
"""The attributes of a module or a class as they are at any time, the name of one, and what was put there."""


class Patch(Value):
    """
    What is replaced of the library *module* as soon as that is imported.

    * ``replaces``: the attributes, as people read them
    * ``reason``: what it is for, with a figure or an issue where there is one
    * ``checked``: the versions that it was checked with
    * ``installer``: ``module:function`` that replaces them; it is given the library and
      :class:`Replacements`, and may be called more than once
    """

    module: str
    replaces: tuple[str, ...]
    reason: str
    checked: str
    installer: str


class _Replacement(Value):
    owner: Any
    name: str
    is_own: bool
    original: object
    present: object
    made: object

    @property
    def is_intact(self) -> bool:
        """
        Whether the original has not been put back.

        Who replaces ours for a time, as mocks do, keeps it, and puts it back.
        """
        own = vars(self.owner)
        if self.is_own:
            return own.get(self.name) is not self.original
        return own.get(self.name, self.present) is not self.present

    def undo(self) -> None:
        """
        Put back what was there, unless somebody else has replaced it since: theirs may lead to ours.
        """
        if vars(self.owner).get(self.name) is not self.made:
            return
        if self.is_own:
            setattr(self.owner, self.name, self.original)
        else:
            delattr(self.owner, self.name)


class Replacements:
    """
    What an installer has replaced, and how it is undone. In *in_place* it is noted for a registry.
    """

    def __init__(self, in_place: dict[Place, InPlace] | None = None) -> None:
        self._made: dict[Place, _Replacement] = {}
        self._in_place = {} if in_place is None else in_place
        self._undo: list[Callable[[], None]] = []

    def replace(self, owner: Any, name: str, replacing: Callable[[Any], Any]) -> None:  # noqa: ANN401 - a module or a class
        """
        Put what *replacing* makes of the attribute *name* in its place, where that is not done already.
        """
        key = (id(owner), name)
        if key in self._made and self._made[key].is_intact:
            return
        present = getattr(owner, name)
        if is_ours(present):
            return
        made = replacing(present)
        setattr(made, _OURS, True)
        own = vars(owner)
        self._made[key] = _Replacement(
            owner=owner,
            name=name,
            is_own=name in own,
            original=own.get(name),
            present=present,
            made=made,
        )
        self._undo.append(self._made[key].undo)
        setattr(owner, name, made)
        self._in_place[key] = own, name, made

    def undo_with(self, undo: Callable[[], None]) -> None:
        """
        Have *undo* called at the end, for what is changed in another way than by :meth:`replace`.
        """
        self._undo.append(undo)

    @property
    def are_made(self) -> bool:
        return bool(self._undo)

    @property
    def are_intact(self) -> bool:
        return all(made.is_intact for made in list(self._made.values()))

    def undo(self) -> None:
        for key in self._made:
            self._in_place.pop(key, None)
        self._made.clear()
        while self._undo:
            self._undo.pop()()


class Registry:
    """
    The patches of a process: there while anybody uses them, be it a pytest session or an open cassette.

    One that *waits* imports wrapt only when there is an import to watch for: importing it is slow.
    """

    def __init__(self, patches: Iterable[Patch], *, waits: bool = False) -> None:
        self._in_place: dict[Place, InPlace] = {}
        self._replacements = {patch: Replacements(self._in_place) for patch in patches}
        self._waits = waits
        self._waiting = _Waiting(self)
        self._users = 0
        self._is_watching = False
        self._lock = threading.RLock()

    @property
    def patches(self) -> tuple[Patch, ...]:
        return tuple(self._replacements)

    @property
    def applied(self) -> tuple[Patch, ...]:
        """
        Those that are in effect.
        """
        with self._lock:
            return tuple(patch for patch, made in self._replacements.items() if made.are_made)

    def prepare(self) -> None:
        """
        Import what patches the libraries that are imported, without patching any.
        """
        for patch in self._replacements:
            if patch.module in sys.modules:
                _installer(patch)

    def acquire(self) -> None:
        """
        Have the patches in effect until :meth:`release` is called as often as this.
        """
        with self._lock:
            self._users += 1
            is_first = self._users == 1
        if not self._waits:
            self.watch_imports()
        elif is_first:
            sys.meta_path.insert(0, self._waiting)
        if is_first:
            self._apply_missing(every=True)
        else:
            self.renew()

    def renew(self) -> None:
        """
        Apply again what others have put back meanwhile, as ``pytest_recording.network.unblock`` does.
        """
        if not self._is_in_place():
            self._apply_missing(every=False)

    def release(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                if self._waiting in sys.meta_path:
                    sys.meta_path.remove(self._waiting)
                for made in reversed(self._replacements.values()):
                    made.undo()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def watch_imports(self) -> None:
        """
        Apply patches from now on when their library is imported.
        """
        with self._lock:
            if self._is_watching:
                return
            self._is_watching = True
        from wrapt import register_post_import_hook  # noqa: PLC0415 - takes a while, and few runs need it

        for module in dict.fromkeys(patch.module for patch in self._replacements):
            register_post_import_hook(self._imported, module)

    def _imported(self, module: ModuleType) -> None:
        if self._users:
            for patch in self._replacements:
                if patch.module == module.__name__:
                    self._apply(patch, module)

    def _is_in_place(self) -> bool:
        """
        Whether each attribute is as it was left, which every test asks twice.
        """
        places = list(self._in_place.values())  # another thread may add to them
        try:
            # By item, since the get of a class's attributes takes three times as long; a list is faster, too.
            return all([attributes[name] is made for attributes, name, made in places])  # noqa: C419
        except KeyError:
            return False

    def _apply_missing(self, *, every: bool) -> None:
        for patch, made in self._replacements.items():
            module = sys.modules.get(patch.module)
            if module is not None and (every or not made.are_intact) and not _is_beginning(module):
                self._apply(patch, module)

    def _apply(self, patch: Patch, module: ModuleType) -> None:
        # Imported outside of the lock: an import waits for others, whose hooks may wait for the lock.
        install = _installer(patch)
        with self._lock:
            if self._users:
                install(module, self._replacements[patch])


class _Waiting:
    """
    Has *registry* watch imports once one of its libraries is about to be imported.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._modules = frozenset(patch.module for patch in registry.patches)

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self._modules:
            return None
        sys.meta_path.remove(self)
        self._registry.watch_imports()
        return find_spec(name)  # once more, by what watches now


def is_ours(attribute: object) -> bool:
    """
    Whether :meth:`Replacements.replace` has put *attribute* where it is.
    """
    return hasattr(attribute, _OURS)


def _installer(patch: Patch) -> Callable[[ModuleType, Replacements], None]:
    module, _, name = patch.installer.partition(":")
    install: Callable[[ModuleType, Replacements], None] = getattr(import_module(module), name)
    return install


def _is_beginning(module: ModuleType) -> bool:
    """
    Whether another thread imports *module* just now; the hook comes when it is whole.
    """
    return bool(getattr(module.__spec__, "_initializing", False))
