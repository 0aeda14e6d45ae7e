"""The tools for notes, over a Mesh whose answers are written down."""

from __future__ import annotations

import pytest

from bot.actions import notes_actions
from bot.actions.notes_actions import Mode, Note
from bot.mesh import Mesh
from bot.tools import notes_tools
from tests.fakes import (
    PAGE_ID,
    TENANT,
    USER,
    FakeBot,
    FakeCallback,
    FakeForwarder,
    Script,
    ok,
    page,
    refusal,
    saying,
)

pytestmark = pytest.mark.asyncio

ITEM = f"/api/content/Notes/{PAGE_ID}?tenant={TENANT}"
ROW = {
    "_id": PAGE_ID,
    "userId": USER,
    "title": "Plan",
    "content": "first",
    "mode": "work",
    "tenantId": TENANT,
}
DESCRIBED = {"note_id": PAGE_ID, "title": "Plan", "mode": "work", "content": "first"}
GONE = refusal(404, "Content not found")


async def test_create_note_tells_the_llm_and_the_screen_of_it(script: Script) -> None:
    mesh, transport = await script(ok(ROW))
    screen = FakeForwarder()

    result = await saying(FakeBot(), screen, mesh=mesh)("create_note", title="Plan", content="first")

    assert result == {"success": True, "message": "I created the note Plan.", "note": DESCRIBED}
    assert screen.sent == [("note.created", DESCRIBED)]
    content = {name: value for name, value in ROW.items() if name != "_id"}
    assert transport.said == [("POST", f"/api/content/Notes?tenant={TENANT}", {"content": content})]


async def test_create_note_hands_the_action_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    As the strategy has it: the action is faked, the tool is real.
    """
    asked: list[tuple[object, ...]] = []

    async def create_note(
        tenant_id: str,
        user_id: str,
        title: str,
        content: str = "",
        mode: Mode = "work",
        *,
        mesh: Mesh | None = None,
    ) -> Note:
        asked.append((tenant_id, user_id, title, content, mode, mesh))
        note: Note = {
            "page_id": "1",
            "_id": "1",
            "title": title,
            "content": content,
            "mode": mode,
            "userId": user_id,
            "tenantId": tenant_id,
        }
        return note

    monkeypatch.setattr(notes_actions, "create_note", create_note)
    callback = FakeCallback()
    handler = notes_tools.get_handlers(FakeBot(), {})["create_note"]

    await handler("create_note", "c", {"title": "Diary", "mode": "personal"}, None, None, callback)

    assert asked == [(TENANT, USER, "Diary", "", "personal", None)]
    assert callback.results[0]["success"] is True


@pytest.mark.parametrize(
    ("tool", "args", "change", "message"),
    [
        ("replace_note", {"content": ""}, None, "I cannot do that: content is empty."),
        ("replace_note", {"content": "x"}, {"content": "x"}, "I rewrote the note Plan."),
        ("append_to_note", {"text": "x"}, {"content": "first\nx"}, "I added it to the note Plan."),
        ("rename_note", {"new_title": "x"}, {"title": "x"}, "The note is called Plan now."),
        (
            "change_note_mode",
            {"mode": "work"},
            {"mode": "work"},
            "The note Plan is for everybody at work now.",
        ),
    ],
)
async def test_a_change_is_sent_and_spoken(
    script: Script, tool: str, args: dict[str, str], change: object, message: str
) -> None:
    mesh, transport = await script(ok(ROW), ok(ROW), ok(ROW))

    result = await saying(FakeBot(), mesh=mesh)(tool, note_id=PAGE_ID, **args)

    assert result["message"] == message
    patches = [body for method, _, body in transport.said if method == "PATCH"]
    assert patches == ([] if change is None else [{"content": change}])


async def test_what_is_deleted_between_finding_and_changing_is_said_to_be(script: Script) -> None:
    mesh, _ = await script(ok(ROW), ok(ROW), GONE)

    result = await saying(FakeBot(), mesh=mesh)("append_to_note", note_id=PAGE_ID, text="x")

    assert result == {"success": False, "message": "That note was deleted just now."}


async def test_what_is_deleted_twice_is_said_to_be(script: Script) -> None:
    mesh, _ = await script(ok(ROW), ok(ROW), GONE)

    result = await saying(FakeBot(), mesh=mesh)("delete_note", note_id=PAGE_ID)

    assert result == {"success": False, "message": "The note Plan was gone already."}


@pytest.mark.parametrize("tool", ["read_note", "delete_note"])
async def test_without_a_title_and_an_id_one_asks_back(script: Script, tool: str) -> None:
    mesh, transport = await script()

    result = await saying(FakeBot(), mesh=mesh)(tool)

    message = "Which note do you mean? Please tell me its title."
    assert (result, transport.said) == ({"success": False, "message": message}, [])


async def test_several_notes_are_counted(script: Script) -> None:
    mesh, _ = await script(page(ROW, {**ROW, "_id": "2"}), page(), page(), page())

    assert (await saying(FakeBot(), mesh=mesh)("list_notes"))["message"] == "There are 2 notes."


async def test_a_mesh_that_is_down_is_an_apology(script: Script) -> None:
    mesh, _ = await script(refusal(500, "Internal error", "CONTENT_CREATE_ERR"))

    result = await saying(FakeBot(), mesh=mesh)("create_note", title="Plan")

    assert result == {"success": False, "message": "The place where things are kept did not accept that."}
