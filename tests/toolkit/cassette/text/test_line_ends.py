"""
What a checkout or an editor does to the text of a cassette is taken away when it is read.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.text.line_ends import plain, rewritten

TEXT = b"taketwo: 1\ntest: a\n"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (TEXT, ""),
        (TEXT.replace(b"\n", b"\r\n"), "CRLF line ends"),
        (b"\xef\xbb\xbf" + TEXT, "a byte order mark"),
        (b"\xef\xbb\xbf" + TEXT.replace(b"\n", b"\r\n"), "a byte order mark and CRLF line ends"),
    ],
)
def test_a_text_is_read_as_it_was_written(content: bytes, what: str) -> None:
    assert plain(content) == TEXT
    assert rewritten(content) == what
