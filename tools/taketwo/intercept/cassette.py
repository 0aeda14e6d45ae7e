"""
The cassette of a test, opened: its requests are led there, whatever client sends them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from taketwo.config.playback import Sleep
from taketwo.intercept.registry import REGISTRY, SLEEPS
from taketwo.playback.active import Activation, ActiveCassette, LeaveAlone
from taketwo.playback.option_names import OURS
from taketwo.playback.player import Player
from taketwo.playback.recorder import Recorder

if TYPE_CHECKING:
    from vcr import VCR

Options = Mapping[str, Any]
Configure = Callable[["VCR"], object]


class OpenCassette:
    """
    What a test gets from the fixture ``vcr``: vcrpy's cassette, made when something of it is asked for.
    """

    def __init__(self, active: ActiveCassette, path: str) -> None:
        self._active = active
        self._path_of_file = path

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever vcrpy's cassettes have
        return getattr(self._view(), name)

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            setattr(self._view(), name, value)

    def __len__(self) -> int:
        return len(self._view())

    def __bool__(self) -> bool:
        return True  # also with nothing in it, as in ``if vcr:``

    def __contains__(self, request: object) -> bool:
        return request in self._view()

    def _kind(self) -> type[Any]:
        """
        That of vcrpy's cassettes for whoever asks ``isinstance``, and has therefore imported it.
        """
        module = sys.modules.get("vcr.cassette")
        kind: type[Any] = OpenCassette if module is None else module.Cassette
        return kind

    __class__ = property(_kind)

    def _view(self) -> Any:  # noqa: ANN401 - vcrpy ships no types
        from taketwo.intercept.vcrpy.adapter import view_of  # noqa: PLC0415 - few tests look at it

        return view_of(self._active, self._path_of_file)


@contextmanager
def open_cassette(
    path: str,
    options: Options,
    *,
    player: Player,
    recorder: Recorder | None,
    configure: Configure | None,
    left_alone: LeaveAlone | None = None,
    late: Callable[[str], None] | None = None,
) -> Iterator[OpenCassette]:
    """
    While open, every request goes to *player*, and from there to *recorder* if there is one.

    *options* are those of ``vcr_config`` and of the marker; *configure* is given the object of vcrpy that a
    project may add matchers and other things to. *left_alone* is given the host of each request that the
    options leave alone, *late* is called with each that comes when it is closed again.
    """
    active = new_active(path, options, player=player, recorder=recorder, configure=configure)
    active.left_alone, active.report = left_alone, late
    # As in opened(), without a generator more: every test does this.
    with _further(active), REGISTRY, _sleeps(active), Activation(active, ends=True):
        yield OpenCassette(active, path)


@contextmanager
def opened(active: ActiveCassette, *, ends: bool = True) -> Iterator[None]:
    """
    While open, every request goes to *active*; with *ends*, what is streamed to a recording ends with it.
    """
    with _further(active), REGISTRY, _sleeps(active), Activation(active, ends=ends):
        yield


def _sleeps(active: ActiveCassette) -> AbstractContextManager[None]:
    is_skipped = active.recorder is None and active.player.playback.sleep is Sleep.SKIP
    return SLEEPS if is_skipped else nullcontext()


def _further(active: ActiveCassette) -> AbstractContextManager[None]:
    patches = getattr(active.rules, "custom_patches", ())
    if not patches:
        return nullcontext()
    from taketwo.intercept.vcrpy.adapter import further_patches  # noqa: PLC0415 - slow to import

    return further_patches(patches)


def new_active(
    path: str, options: Options, *, player: Player, recorder: Recorder | None, configure: Configure | None
) -> ActiveCassette:
    """
    What requests are asked of while it is open, with the *options* and what *configure* does.
    """
    if configure is None and OURS.issuperset(options):
        return ActiveCassette(player, recorder)
    return _configured(path, options, player=player, recorder=recorder, configure=configure)


def _configured(
    path: str,
    options: Options,
    *,
    player: Player,
    recorder: Recorder | None,
    configure: Configure | None,
) -> ActiveCassette:
    from taketwo.intercept.vcrpy.adapter import Rules, new_vcr  # noqa: PLC0415 - slow to import

    vcr = new_vcr(library=path.rpartition("/")[0], mode="none" if recorder is None else "new_episodes")
    if configure is not None:
        configure(vcr)
    rules = Rules(vcr, path, {key: value for key, value in options.items() if key not in OURS})
    return ActiveCassette(player, recorder, rules=rules, skipped=rules.skipped)
