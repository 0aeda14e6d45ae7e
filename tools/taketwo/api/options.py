"""
What one can ask of a cassette that is opened by hand, and what decides on its mode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from taketwo.errors import ConfigError
from taketwo.playback.modes import Mode, current_run, mode_name

VARIABLE = "TAKETWO_RECORD_MODE"

_NO = {"", "0", "false"}


class CassetteOptions(TypedDict, total=False):
    """
    The options of a cassette: those of VCR.py, and ours, as in ``vcr_config``.

    * ``record_mode``: ``"once"`` unless something else asks for another one
    * ``cassette_library_dir``: the folder that a relative path starts from, the current one by default
    * ``serializer="json"`` records JSON that VCR.py reads
    * ``block_network=False`` leaves the network open while the cassette is replayed
    * ``inject_cassette=True`` gives a decorated function the cassette as its first argument
    """

    record_mode: Literal["none", "once", "new_episodes", "rewrite", "all"]
    cassette_library_dir: str
    block_network: bool
    allowed_hosts: Sequence[str]
    allow_playback_repeats: bool
    repeats: bool
    retry: bool
    order: Literal["any", "recorded"]
    unplayed: Literal["allow", "report", "fail"]
    sleep: Literal["wait", "skip"]
    drop_unused_requests: bool
    freeze: bool
    pace: Literal["fast", "recorded"]
    patience: float
    match_on: Sequence[str]
    additional_matchers: Sequence[str]
    match_headers: Sequence[str]
    ignore_hosts: Sequence[str]
    ignore_localhost: bool
    filter_headers: Sequence[str | tuple[str, Any]]
    filter_query_parameters: Sequence[str | tuple[str, Any]]
    filter_post_data_parameters: Sequence[str | tuple[str, Any]]
    filter_nested_post_data_parameters: bool
    before_record_request: Callable[[Any], Any] | Sequence[Callable[[Any], Any]]
    before_record_response: Callable[[Any], Any] | Sequence[Callable[[Any], Any]]
    decode_compressed_response: bool
    serializer: Literal["yaml", "json"]
    custom_patches: Sequence[tuple[object, str, object]]
    skip_patchers: Sequence[str]
    inject_cassette: bool


def mode_of(options: Mapping[str, object], environment: Mapping[str, str]) -> Mode | None:
    """
    The mode of a cassette; None where nothing is recorded or replayed.

    Inside of a test of pytest its command line decides first. Else the environment variable
    ``TAKETWO_RECORD_MODE`` does, then *options*. Where ``CI`` is set, nothing is recorded.

    :raises ConfigError: when there is no such mode, or CI is asked to record.
    """
    run = current_run()
    if run is not None:
        return None if run.is_disabled else _mode_in(run.asked, options, only_replays=run.only_replays)
    asked = environment.get(VARIABLE)
    in_ci = environment.get("CI", "").lower() not in _NO
    if asked and in_ci and _named(asked) is not Mode.NONE:
        raise ConfigError(
            f"{VARIABLE}={asked} would replace cassettes, and CI={environment['CI']} only replays them"
        )
    return Mode.NONE if in_ci else _named(asked or options.get("record_mode") or Mode.ONCE.value)


def _mode_in(asked: str | None, options: Mapping[str, object], *, only_replays: bool) -> Mode:
    chosen = asked or (None if only_replays else options.get("record_mode"))
    return _named(chosen or Mode.NONE.value)


def _named(name: object) -> Mode:
    try:
        return Mode(mode_name(name))
    except ValueError:
        modes = ", ".join(mode.value for mode in Mode)
        raise ConfigError(f"there is no record mode {mode_name(name)!r}; the modes are {modes}") from None
