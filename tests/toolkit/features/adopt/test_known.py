"""
The list of what still differs may only shrink.
"""

from __future__ import annotations

from pathlib import Path

from taketwo.features.adopt.known import Known, compared, known_in, write_known


def test_without_a_list_everything_begins_one() -> None:
    assert compared(None, {"b: unplayed", "a: unplayed"}) == Known(kept=("a: unplayed", "b: unplayed"))


def test_what_is_settled_goes_and_what_is_new_is_never_added() -> None:
    found = compared(["a: unplayed", "b: unplayed"], {"b: unplayed", "c: unplayed"})

    assert found == Known(kept=("b: unplayed",), gone=("a: unplayed",), new=("c: unplayed",))


def test_an_emptied_list_adds_nothing() -> None:
    assert compared([], {"a: unplayed"}).new == ("a: unplayed",)


def test_the_file_is_read_as_it_was_written_and_goes_when_it_is_empty(tmp_path: Path) -> None:
    file = tmp_path / "cassettes" / "adopt.txt"

    assert known_in(file) is None
    write_known(file, ["a: unplayed"])
    assert known_in(file) == ["a: unplayed"]
    write_known(file, [])
    assert not file.exists()
