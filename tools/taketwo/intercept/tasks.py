"""
Which task made which, and when: of two that are beside each other, chance decides which one asks first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import Any

from taketwo.intercept.patching import Replacements
from taketwo.playback.active import current

Create = Callable[..., asyncio.Task[Any]]


def install(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - asyncio.base_events
    replacements.replace(module.BaseEventLoop, "create_task", _noting)


def install_uvloop(module: Any, replacements: Replacements) -> None:  # noqa: ANN401 - uvloop
    replacements.replace(module.Loop, "create_task", _noting)


def _noting(create: Create) -> Create:
    @wraps(create)
    def created(self: asyncio.AbstractEventLoop, *args: Any, **options: Any) -> asyncio.Task[Any]:  # noqa: ANN401 - of create_task
        task = create(self, *args, **options)
        active = current()
        if active is not None and active.recorder is not None:
            active.recorder.note_task(task, asyncio.current_task(self) if self.is_running() else None)
        return task

    return created
