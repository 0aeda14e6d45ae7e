"""
Cassettes that no test uses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from taketwo.cassette.store.script_id import is_script
from taketwo.config.project import Config
from taketwo.refresh.select import default_path, names_of_pytest_recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """
    *sure* are those that lie where only their test, which is gone, would look for them. Of the others that
    miss their test, another test may say where they are: by ``default_cassette``, by ``vcr_cassette_dir``.
    *nameless* are those that name no test, VCR.py's and converted ones, and that no test is known to use.
    """

    sure: tuple[Path, ...] = ()
    unsure: tuple[Path, ...] = ()
    nameless: tuple[Path, ...] = ()


def unused_cassettes(
    config: Config, owners: Mapping[Path, Collection[str]], tests: Collection[str]
) -> Unused:
    """
    Which cassettes, by the tests in *owners* that recorded them, none of all *tests* uses.

    One of a script is never among them: it does not record where the script is.

    One of VCR.py, or converted, names no test: it is used where a test of pytest-recording would look for it.
    One whose test was renamed is used when it moved along: a test finds its cassette by path.
    """
    known = set(tests)
    places = {default_path(config, test) for test in known}
    theirs = {path for test in known for path in names_of_pytest_recording(config, test)}
    theirs |= {path.with_suffix("") for path in places}
    idle = [
        path
        for path, recorded in owners.items()
        if not known & set(recorded)
        and path not in places
        and not any(map(is_script, recorded))
        and not (not any(recorded) and path.with_suffix("") in theirs)
    ]
    sure = {path for path in idle if path in {default_path(config, test) for test in owners[path]}}
    return Unused(
        sure=tuple(path for path in idle if path in sure),
        unsure=tuple(path for path in idle if path not in sure and any(owners[path])),
        nameless=tuple(path for path in idle if not any(owners[path])),
    )
