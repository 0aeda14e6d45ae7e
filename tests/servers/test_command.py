"""
What the servers accept on their command lines.
"""

from __future__ import annotations

import argparse

import pytest

from asgi_shell.command import port_number, positive


@pytest.mark.parametrize(("text", "port"), [("0", 0), ("8000", 8000), ("65535", 65535)])
def test_a_port_is_a_number_up_to_65535(text: str, port: int) -> None:
    assert port_number(text) == port


@pytest.mark.parametrize("text", ["65536", "-1", "http", "80.0", ""])
def test_no_other_port_is_accepted(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a port; it is a number from 0 to 65535"):
        port_number(text)


@pytest.mark.parametrize("text", ["0", "-5", "many", "1.5"])
def test_a_count_is_a_whole_number_above_0(text: str) -> None:
    assert positive("12") == 12
    with pytest.raises(argparse.ArgumentTypeError, match="is not a whole number above 0"):
        positive(text)
