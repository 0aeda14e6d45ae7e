"""
Instants in the forms in which services write them, and the names of these forms.

* ``T3Z``, ``S0``, ``T6+02:00``: ISO 8601 with its separator (S is a space), digits of the fraction, and zone
* ``http``: ``Sun, 06 Nov 1994 08:49:37 GMT``
* ``seconds``, ``milliseconds``, ``microseconds``, ``nanoseconds``, ``fractional``: since 1970, as a number

* ``basic``: ``20260101T000000Z``, as AWS and Google sign requests
* ``T0Z-url``: the same as ``T0Z``, with its colons escaped

* ``dotted``: seconds with six digits behind a point, as Slack writes them; ``dotless`` in its permalinks

A ``0`` behind the digits, or behind the name of a unit, says that the fraction was none though there was room
for it; ``-text`` says that a number stood as a text.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TypeAlias
from urllib.parse import quote

Instant: TypeAlias = tuple[datetime, str]
"""To the microsecond, and the digits beyond it."""

TIME = (
    r"(?<![0-9A-Za-z.])\d{4}-\d\d-\d\d(?:[T ])\d\d:\d\d:\d\d"
    r"(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d"
    r" (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT(?![0-9A-Za-z])"
)
DOTTED = r"(?<![\w.-])1\d{9}\.\d{6}(?![\w.])|(?<=/p)1\d{15}(?!\w)"
"""Seconds and microseconds as Slack writes them, and the same in its permalinks."""
USUAL_FORM = "T3Z"
BASIC = "basic"
BASIC_TIME = re.compile(r"\d{8}T\d{6}Z")
ESCAPED = "-url"

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?")
_ISO_FORM = re.compile(r"([TS])(\d)(0?)(Z|[+-]\d\d:?\d\d)?")
_UNITS = {"seconds": 0, "milliseconds": 3, "microseconds": 6, "nanoseconds": 9}
_EPOCH_FORM = re.compile(r"(seconds|milliseconds|microseconds|nanoseconds|fractional)(0?)(-text)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION = timedelta(milliseconds=100)
_DOTTED_FORMS = {"dotted": ".", "dotless": ""}
_NOT_IN_THE_FAR_PAST = 10**8  # seconds: a smaller number counts something else


def instant_of(value: str) -> Instant | None:
    """
    The instant that a text says, or None when it says none.
    """
    found = _ISO.fullmatch(value)
    try:
        if not found:
            return (parsedate_to_datetime(value), "000") if value.endswith(" GMT") else None
        instant = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return None
    beyond = (found[2] or "")[6:].ljust(3, "0")
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)), beyond


def form_of(value: str) -> str:
    found = _ISO.fullmatch(value)
    if not found:
        return "http"
    return f"{'T' if found[1] == 'T' else 'S'}{len(found[2] or '')}{found[3] or ''}"


def epoch_instant(number: float) -> tuple[Instant, str] | None:
    """
    The instant that a number says, by its size, and the name of the form; None when it says none.
    """
    if number < _NOT_IN_THE_FAR_PAST:
        return None
    try:
        return _whole_epoch(number) if isinstance(number, int) else _fractional_epoch(number)
    except (OverflowError, ValueError):  # ValueError: not a number
        return None


def _whole_epoch(number: int) -> tuple[Instant, str]:
    size = next(digits for digits in (9, 6, 3, 0) if number >= _NOT_IN_THE_FAR_PAST * 10**digits)
    nanoseconds = number * int(10 ** (9 - size))
    moment = _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    return (moment, f"{nanoseconds % 1000:03}"), next(
        unit for unit, digits in _UNITS.items() if digits == size
    )


def _fractional_epoch(number: float) -> tuple[Instant, str]:
    return (_EPOCH + timedelta(seconds=number), "000"), "fractional"


def dotted_instant(text: str) -> tuple[Instant, str]:
    """
    What a text says that is as :data:`DOTTED`, and its form.
    """
    digits = text.replace(".", "")
    moment = _EPOCH + timedelta(microseconds=int(digits))
    return (moment, "000"), "dotted" if "." in text else "dotless"


def moment_of(text: str, form: str) -> datetime | None:
    """
    What *text* says, which is of the kind of *form*: a number for a number, a date for a date.
    """
    if form in _DOTTED_FORMS:
        return dotted_instant(text)[0][0] if re.fullmatch(r"\d{10}\.?\d{6}", text) else None
    if not _EPOCH_FORM.fullmatch(form):
        found = instant_of(text)
        return found[0] if found else None
    try:
        since = epoch_instant(float(text) if "." in text else int(text))
    except ValueError:
        return None
    return since[0][0] if since and since[1] == _EPOCH_FORM.sub(r"\1", form) else None


def has_room(form: str) -> bool:
    """
    Whether a fraction of a second can be written in *form*.
    """
    found = _ISO_FORM.fullmatch(form)
    return found[2] != "0" if found else not form.startswith(("http", "seconds"))


def without_fraction(form: str) -> str:
    """
    *form*, with the note that the fraction was none.
    """
    found = _ISO_FORM.fullmatch(form)
    if found:
        return f"{found[1]}{found[2]}0{found[4] or ''}"
    if form in _DOTTED_FORMS:
        return form
    unit, dash, text = form.partition("-")
    return f"{unit}0{dash}{text}"


def write_instant(base: datetime, number: int, form: str) -> str | int | float | None:
    """
    The instant of *number* after *base* in *form*, or None when the form is unknown.

    It has a fraction wherever it had one: what a client makes of it has as many signs as it had.
    """
    found, unit = _ISO_FORM.fullmatch(form), _EPOCH_FORM.fullmatch(form)
    whole = base + timedelta(seconds=number)
    is_whole = bool(found and found[3]) or bool(unit and unit[2])
    return write_moment(whole if is_whole else whole + _FRACTION, form)


def write_moment(instant: datetime, form: str) -> str | int | float | None:
    """
    *instant* in *form*, or None when the form is unknown.
    """
    if form.endswith(ESCAPED):
        written = write_moment(instant, form.removesuffix(ESCAPED))
        return quote(written, safe="") if isinstance(written, str) else written
    found, unit = _ISO_FORM.fullmatch(form), _EPOCH_FORM.fullmatch(form)
    if form == BASIC:
        return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if form == "http":
        return format_datetime(instant.astimezone(UTC), usegmt=True)
    if form in _DOTTED_FORMS:
        digits = str((instant - _EPOCH) // timedelta(microseconds=1))
        return f"{digits[:-6]}{_DOTTED_FORMS[form]}{digits[-6:]}"
    if unit:
        value = _since_epoch(instant, unit[1])
        return str(value) if unit[3] else value
    return _write_iso(instant, found) if found else None


def _since_epoch(instant: datetime, unit: str) -> float:
    microseconds = (instant - _EPOCH) // timedelta(microseconds=1)
    if unit == "fractional":
        return microseconds / 10**6
    return microseconds * 1000 // int(10 ** (9 - _UNITS[unit]))


def _write_iso(instant: datetime, form: re.Match[str]) -> str:
    zone, digits = form[4] or "", int(form[2])
    if zone and zone != "Z":
        instant = instant.astimezone(datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").tzinfo)
    fraction = f".{instant:%f}000"[: digits + 1] if digits else ""
    return f"{instant:%Y-%m-%d}{'T' if form[1] == 'T' else ' '}{instant:%H:%M:%S}{fraction}{zone}"
