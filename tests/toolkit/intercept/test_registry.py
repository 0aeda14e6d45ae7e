"""
Every patch is undone when nobody uses it any more.
"""

from __future__ import annotations

import http.client
import ssl

import httpx

from taketwo.intercept.patching import Patch, Registry, Replacements


class Library:
    def ask(self) -> str:
        return "real"


def install(_: object, replacements: Replacements) -> None:
    replacements.replace(Library, "ask", lambda real: lambda self: f"ours of {real(self)}")


PATCH = Patch(
    module=__name__, replaces=("Library.ask",), reason="a test", checked="-", installer=f"{__name__}:install"
)


def test_a_patch_is_there_as_long_as_anybody_uses_it() -> None:
    registry, real = Registry([PATCH]), vars(Library)["ask"]

    with registry:
        with registry:
            assert Library().ask() == "ours of real"
        assert Library().ask() == "ours of real"
        assert registry.applied == (PATCH,)

    assert vars(Library)["ask"] is real
    assert not registry.applied


def test_who_puts_back_what_was_there_before_loses_the_patch_for_one_cassette_at_most() -> None:
    registry, real = Registry([PATCH]), vars(Library)["ask"]

    with registry:
        Library.ask = real  # type: ignore[method-assign]
        with registry:
            assert Library().ask() == "ours of real"

    assert vars(Library)["ask"] is real


def test_a_mock_on_top_of_a_patch_is_left_alone() -> None:
    registry = Registry([PATCH])

    with registry:
        ours = vars(Library)["ask"]
        Library.ask = lambda _: "mocked"  # type: ignore[method-assign, assignment]
        with registry:
            assert Library().ask() == "mocked"
        Library.ask = ours  # type: ignore[method-assign]

    assert Library().ask() == "real"


def test_the_libraries_are_as_they_were_after_a_session() -> None:
    from taketwo.intercept.registry import PATCHES  # noqa: PLC0415 - after the others

    owners = (
        http.client.HTTPConnection,
        httpx.HTTPTransport,
        httpx.AsyncHTTPTransport,
        httpx.Cookies,
        ssl.SSLContext,
    )
    before = [dict(vars(owner)) for owner in owners]

    with Registry(PATCHES):
        assert [dict(vars(owner)) for owner in owners] != before

    assert [dict(vars(owner)) for owner in owners] == before
