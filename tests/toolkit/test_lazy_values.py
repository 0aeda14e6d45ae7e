"""
Frozen dataclasses that are made with their first instance.
"""

from __future__ import annotations

import pickle
import sys
import threading
from dataclasses import FrozenInstanceError, field, fields, is_dataclass, replace

import pytest

from taketwo.value import LazyValue


class Sized(LazyValue):
    width: int
    height: int = 2
    note: str = field(default="", compare=False)


class Named(LazyValue, kw_only=True):
    """
    One with defaults before what has none.
    """

    tags: tuple[str, ...] = ()
    name: str


def test_it_is_a_frozen_dataclass() -> None:
    one = Sized(1)

    assert one == Sized(1, 2, note="x")
    assert (hash(one), one != Sized(3)) == (hash(Sized(1)), True)
    assert repr(replace(one, height=5)) == "Sized(width=1, height=5, note='')"
    assert [part.name for part in fields(one)] == ["width", "height", "note"]
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    match one:
        case Sized(width, height):
            assert (width, height) == (1, 2)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'width'"):
        one.width = 2  # type: ignore[misc]  # what is refused
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'width'"):
        Sized()  # type: ignore[call-arg]  # as above


def test_its_fields_may_be_given_by_name_alone() -> None:
    assert Named(name="a").tags == ()
    with pytest.raises(TypeError, match="positional"):
        Named("a")  # type: ignore[call-arg, arg-type]  # what is refused


def test_no_code_is_generated_before_the_first_instance() -> None:
    class Unused(LazyValue):
        width: int

    assert not is_dataclass(Unused)
    Unused(1)
    assert is_dataclass(Unused)


def test_threads_may_make_the_first_instances_at_once() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(20):
            assert _made_at_once() == [(number, 2) for number in range(8)]
    finally:
        sys.setswitchinterval(interval)


def _made_at_once() -> list[tuple[int, int]]:
    class Shared(LazyValue):
        width: int
        height: int = 2

    start, made = threading.Barrier(8), []

    def make(number: int) -> None:
        start.wait()
        made.append(Shared(number))

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted((one.width, one.height) for one in made)
