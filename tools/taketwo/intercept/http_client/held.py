"""
An answer that was found before the client writes its request, which it is about to do in this thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_of_thread = threading.local()


@contextmanager
def holding(number: int | None) -> Iterator[None]:
    """
    While open, the next request of this thread is answered by the interaction *number*; None for no such.
    """
    _of_thread.number = number
    try:
        yield
    finally:
        _of_thread.number = None


def is_held() -> bool:
    return getattr(_of_thread, "number", None) is not None


def take_held() -> int | None:
    """
    The number of the interaction, once.
    """
    number: int | None = getattr(_of_thread, "number", None)
    _of_thread.number = None
    return number
