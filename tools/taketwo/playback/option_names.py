"""
The options of a cassette, by name: those of VCR.py that have an effect, ours, and those that cannot have one.

A name that is none of them is a mistake, wherever it is: in ``vcr_config``, in the marker ``vcr`` or in
``use_cassette``. VCR.py ignores it, and a misspelt filter is then a secret in a cassette.
"""

from __future__ import annotations

from collections.abc import Mapping

from taketwo.config.kinds import nearest
from taketwo.errors import ConfigError

OURS = frozenset(
    {
        "record_mode",
        "allowed_hosts",
        "allow_playback_repeats",
        "answer",
        "block_network",
        "children",
        "fault",
        "drop_unused_requests",
        "freeze",
        "inject_cassette",
        "order",
        "pace",
        "patience",
        "record_on_exception",
        "repeats",
        "retry",
        "sleep",
        "unplayed",
        "match_headers",
    }
)
"""The options that VCR.py has no part in."""

_OF_VCRPY = frozenset(
    {
        "additional_matchers",
        "before_record",
        "before_record_request",
        "before_record_response",
        "cassette_library_dir",
        "custom_patches",
        "decode_compressed_response",
        "filter_headers",
        "filter_nested_post_data_parameters",
        "filter_post_data_parameters",
        "filter_query_parameters",
        "ignore_hosts",
        "ignore_localhost",
        "match_on",
        "serializer",
        "skip_patchers",
    }
)

LOCATED = ("func_path_generator", "path_transformer")
INSTEAD: Mapping[str, str] = {
    "after_load_interaction": "let before_record_response change an answer; it is recorded as it is then",
    "before_save_interaction": "let before_record_request and before_record_response do it",
    "drop_unused_requests": "say it in vcr_config or in the marker",
    "filter_sensitive_data": "list the environment variables that hold the values as secrets in "
    "[tool.taketwo]; they are replaced in every encoding, and a replay has them again",
    "persister": "cassettes are files, which taketwo writes itself, so that none is lost; save yours once as "
    "files, and they are read",
    **dict.fromkeys(LOCATED, "let the fixtures vcr_cassette_dir and default_cassette_name say where it is"),
}
"""Options of VCR.py that cannot have an effect, and what to do instead."""

_FAILED = "what fails keeps the cassette that it has; leave it out"
_IN_TESTS = {
    "block_network": "mark the test with @pytest.mark.block_network, or say allowed_hosts or block_network "
    "in [tool.taketwo]",
    "inject_cassette": "request the fixture vcr",
    "record_on_exception": _FAILED,
}
_IN_BLOCKS = {
    **INSTEAD,
    **dict.fromkeys(LOCATED, "give use_cassette the path of the cassette"),
    **{
        name: f"it is for tests of pytest: @pytest.mark.vcr({name}=...)"
        for name in ("answer", "children", "fault")
    },
    "record_on_exception": _FAILED,
}

KNOWN = frozenset(OURS | _OF_VCRPY | INSTEAD.keys())


def check_options_of_test(options: Mapping[str, object], *, where: str) -> None:
    """
    Check the *options* of a test; *where* they are is said in the message.

    :raises ConfigError: naming each option that is not known, and each that has no effect.
    """
    asked = {name for name in _IN_TESTS if options.get(name)} - {"block_network"}
    if not options.get("block_network", True):  # a replay is blocked without it
        asked.add("block_network")
    _refuse(options, {name: _IN_TESTS[name] for name in asked}, where)


def check_options_of_block(options: Mapping[str, object]) -> None:
    """
    Check those of ``use_cassette``, in the same way.
    """
    asked = {name for name in _IN_BLOCKS if options.get(name)} - {"drop_unused_requests"}
    _refuse(options, {name: _IN_BLOCKS[name] for name in asked}, "use_cassette")


def _refuse(options: Mapping[str, object], without_effect: Mapping[str, str], where: str) -> None:
    lines = [f"{where}: {_unknown(name)}" for name in sorted(set(options) - KNOWN)]
    if without_effect:
        lines.append(f"{where} asks for what has no effect with taketwo:")
        lines += [f"  - {name}: {without_effect[name]}" for name in sorted(without_effect)]
    if lines:
        raise ConfigError("\n".join(lines))


def _unknown(name: str) -> str:
    near = _nearest(name)
    usable = ", ".join(sorted(KNOWN - INSTEAD.keys()))
    return f"the option {name} is not known; " + (f"did you mean {near}?" if near else f"there are {usable}")


def _nearest(name: str) -> str:
    """
    What was meant, perhaps: ``record_mode`` by ``recrod_mode`` and by ``mode``.
    """
    longer = (known for known in sorted(KNOWN) if known.endswith(f"_{name}"))
    return nearest(name, KNOWN, alike=0.8) or next(longer, "") or nearest(name, KNOWN)
