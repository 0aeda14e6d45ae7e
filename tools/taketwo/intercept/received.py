"""
The body of an answer while it comes to a client that is recorded.
"""

from __future__ import annotations

from taketwo.cassette.content import Content, Spool


class ReceivedBody:
    """
    What has come of a body, held once, with the ``sizes`` of its pieces; where *spool* has a file, a long one
    is there.

    Pieces in a list take their size again while they are joined, and what they leave free is not given back:
    100 MB that a client of requests read in pieces took 300 MB.
    """

    def __init__(self, spool: Spool | None = None) -> None:
        self._spool = Spool() if spool is None else spool
        self.sizes: list[int] = []

    def add(self, piece: bytes) -> None:
        if piece:
            self.sizes.append(self._spool.write(piece))

    def extend(self, part: bytes) -> None:
        """
        Add *part* to the piece that came last.
        """
        self.sizes[-1] += self._spool.write(part)

    def begin(self) -> None:
        """
        Begin a piece of which nothing has come yet.
        """
        self.sizes.append(0)

    def __len__(self) -> int:
        return len(self._spool)

    @property
    def content(self) -> Content:
        return self._spool.content

    @property
    def chunks(self) -> tuple[int, ...]:
        """
        The sizes of the pieces, where there are several.
        """
        sizes = tuple(filter(None, self.sizes))
        return sizes if len(sizes) > 1 else ()
