"""What must not be left over of a conversation, nor get out: in what the bot says and prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# What Python and the libraries below Pipecat print of objects that were not closed or awaited.
_REPORTS = re.compile(
    r"ResourceWarning|was never awaited|was never retrieved|Task was destroyed but it is pending|[Uu]nclosed "
    r"|nanobind: leaked|leaked (semaphore|shared_memory)|[Dd]angling tasks"
)
# What is written for machines or screens, and sounds like it.
_MARKUP = re.compile(r"[{}<>`]|\*\*|https?://|^\s*[#*-] ", flags=re.MULTILINE)


def leaks_reported(lines: Iterable[str]) -> list[str]:
    """
    The lines that report something that was not closed, awaited or released.
    """
    return [line for line in lines if _REPORTS.search(line)]


def secrets_printed(lines: Sequence[str], secrets: Iterable[str]) -> int:
    """
    How many of *secrets* stand in *lines*; which ones is not for a report.
    """
    text = "\n".join(lines)
    return sum(secret in text for secret in secrets if secret)


def unspeakable(messages: Iterable[str], tools: Iterable[str]) -> list[str]:
    """
    The messages with the name of one of *tools*, or with markup, JSON or an address.
    """
    names = re.compile("|".join(map(re.escape, tools)) or r"(?!)")
    return [message for message in messages if _MARKUP.search(message) or names.search(message)]
