"""
The body of an answer while it comes to a client that is recorded.
"""

from __future__ import annotations

from io import BytesIO


class ReceivedBody:
    """
    What has come of a body, held once, with the ``sizes`` of its pieces.

    Pieces in a list take their size again while they are joined, and what they leave free is not given back:
    100 MB that a client of requests read in pieces took 300 MB.
    """

    def __init__(self) -> None:
        self._content = BytesIO()
        self.sizes: list[int] = []

    def add(self, piece: bytes) -> None:
        if piece:
            self.sizes.append(self._content.write(piece))

    def extend(self, part: bytes) -> None:
        """
        Add *part* to the piece that came last.
        """
        self.sizes[-1] += self._content.write(part)

    def begin(self) -> None:
        """
        Begin a piece of which nothing has come yet.
        """
        self.sizes.append(0)

    def __len__(self) -> int:
        return self._content.tell()

    @property
    def whole(self) -> bytes:
        return self._content.getvalue()

    @property
    def chunks(self) -> tuple[int, ...]:
        """
        The sizes of the pieces, where there are several.
        """
        sizes = tuple(filter(None, self.sizes))
        return sizes if len(sizes) > 1 else ()
