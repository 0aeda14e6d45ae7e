"""
Who hears what a refresh does: a bar where there is a terminal, a line for each step elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from taketwo.console.terminal import Terminal
from taketwo.refresh.ports import Observer


@contextmanager
def observer(terminal: Terminal, *, doing: str = "recording", did: str = "recorded") -> Iterator[Observer]:
    with terminal.progress() as progress:
        if progress is None:
            yield _plain(terminal, doing, did)
            return
        task = progress.add_task(doing, total=None, visible=False)
        yield Observer(
            say=lambda text: progress.console.print(text, style="dim", markup=False, highlight=False),
            begin=lambda count: progress.update(task, total=count, visible=True),
            done=lambda _test, _end: progress.advance(task),
        )


def _plain(terminal: Terminal, doing: str, did: str) -> Observer:
    return Observer(
        say=terminal.complain,
        begin=lambda count: terminal.complain(f"{doing} {count} test{'' if count == 1 else 's'}"),
        done=lambda test, end: terminal.complain(f"  {end or did} {test}"),
    )
