"""The notes, as the LLM uses them, against a real Mesh."""

from __future__ import annotations

import pytest

from tests.fakes import FakeForwarder, Say

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"


async def test_a_note_is_written_extended_and_read_by_its_title(say: Say, screen: FakeForwarder) -> None:
    created = await say("create_note", title="Groceries", content="milk")
    await say("append_to_note", title="grocery", text="eggs")

    read = await say("read_note", title="the groceries")

    assert created["message"] == "I created the note Groceries."
    note = created["note"]
    assert isinstance(note, dict)
    assert read == {
        "success": True,
        "message": "Here is the note Groceries.",
        "note": {**note, "content": "milk\neggs"},
    }
    assert [name for name, _ in screen.sent] == ["note.created", "note.updated", "note.opened"]


async def test_a_note_is_rewritten_renamed_and_made_personal(say: Say, other_says: Say) -> None:
    await say("create_note", title="Plan", content="first")

    rewritten = await say("replace_note", title="Plan", content="second")
    renamed = await say("rename_note", title="Plan", new_title="Diary")
    private = await say("change_note_mode", title="Diary", mode="personal")

    assert [each["message"] for each in (rewritten, renamed, private)] == [
        "I rewrote the note Plan.",
        "The note is called Diary now.",
        "The note Diary is personal now.",
    ]
    assert await other_says("list_notes") == {"success": True, "message": "There are no notes.", "notes": []}


async def test_the_notes_are_listed_without_their_content(say: Say) -> None:
    created = await say("create_note", title="Plan", content="first")

    listed = await say("list_notes")

    note = created["note"]
    assert isinstance(note, dict)
    described = {name: value for name, value in note.items() if name != "content"}
    assert listed == {"success": True, "message": "There is one note.", "notes": [described]}


async def test_a_deleted_note_is_gone(say: Say, screen: FakeForwarder) -> None:
    await say("create_note", title="Plan")

    deleted = await say("delete_note", title="plan")

    assert (deleted["message"], screen.sent[-1][0]) == ("I deleted the note Plan.", "note.deleted")
    assert (await say("read_note", title="plan"))["message"] == "I could not find a note called plan."


async def test_what_is_only_like_a_title_is_not_deleted(say: Say) -> None:
    await say("create_note", title="Meeting Minutes")

    refused = await say("delete_note", title="meeting")

    assert refused == {
        "success": False,
        "message": "There is no note called meeting. Did you mean Meeting Minutes?",
    }
    assert (await say("list_notes"))["message"] == "There is one note."


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("read_note", {}),
        ("replace_note", {"content": "x"}),
        ("append_to_note", {"text": "x"}),
        ("rename_note", {"new_title": "x"}),
        ("change_note_mode", {"mode": "work"}),
        ("delete_note", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_does_not_exist_is_not_found(say: Say, tool: str, args: dict[str, str]) -> None:
    by_id = await say(tool, note_id=NOBODYS_ID, **args)
    by_title = await say(tool, title="Plan", **args)

    assert by_id == {"success": False, "message": "I could not find that note."}
    assert by_title == {"success": False, "message": "I could not find a note called Plan."}


@pytest.mark.parametrize(
    ("tool", "args", "verb"),
    [
        ("replace_note", {"content": "x"}, "change"),
        ("append_to_note", {"text": "x"}, "change"),
        ("rename_note", {"new_title": "x"}, "change"),
        ("change_note_mode", {"mode": "personal"}, "change"),
        ("delete_note", {}, "delete"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_another_owns_is_not_changed(
    say: Say, other_says: Say, tool: str, args: dict[str, str], verb: str
) -> None:
    await say("create_note", title="Plan", content="first")

    refused = await other_says(tool, title="Plan", **args)

    message = f"You are not allowed to {verb} this note. Its owner could share it with you."
    assert refused == {"success": False, "message": message}


async def test_a_note_without_a_title_is_not_created(say: Say) -> None:
    refused = await say("create_note", title=" ")

    assert refused == {"success": False, "message": "I cannot do that: title is empty."}
    assert (await say("list_notes"))["notes"] == []


async def test_a_mode_that_is_none_lists_nothing(say: Say) -> None:
    assert await say("list_notes", mode="secret") == {
        "success": False,
        "message": "I cannot do that: mode must be one of: work, personal.",
    }
