"""
Markers that are misspelt, and their arguments: pytest warns of the one, and VCR.py says nothing of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from warnings import WarningMessage

import pytest

from taketwo.config.kinds import nearest

_MARKS = ("vcr", "block_network", "default_cassette", "allowed_hosts")
_UNKNOWN_MARK = re.compile(r"Unknown pytest\.mark\.(\w+)")
ARGUMENTS = """
allow_playback_repeats allowed_hosts answer before_record_request before_record_response block_network
cassette_library_dir children custom_patches decode_compressed_response drop_unused_requests fault
filter_headers filter_post_data_parameters filter_query_parameters freeze func_path_generator ignore_hosts
ignore_localhost inject_cassette match_headers match_on order pace path_transformer patience
record_mode record_on_exception repeats retry serializer sleep unplayed
"""
"""Of the marker ``vcr``: those of VCR.py and ours."""

_ALIKE = 0.8


def refuse_misspelt_arguments(names: Iterable[str]) -> None:
    """
    Fail the test whose marker ``vcr`` has an argument that is not known, but looks like one that is.

    Others are left to VCR.py, and to what a project does with them.
    """
    known = ARGUMENTS.split()
    for name in sorted(set(names).difference(known)):
        near = nearest(name, known, alike=_ALIKE)
        if near:
            pytest.fail(
                f"pytest.mark.vcr: the argument {name} is not known; did you mean {near}?", pytrace=False
            )


def misspelt_marker(warning: WarningMessage) -> str:
    """
    What to say of a marker that pytest does not know, and that looks like one of a cassette: its test runs
    without one. Empty for any other *warning*.
    """
    unknown = _UNKNOWN_MARK.match(str(warning.message))
    near = nearest(unknown[1], _MARKS) if unknown else ""
    if not unknown or not near:
        return ""
    where = f"{warning.filename}:{warning.lineno}"
    return f"{where}: there is no marker {unknown[1]}; did you mean pytest.mark.{near}?"
