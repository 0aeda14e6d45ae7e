"""
``taketwo show``.
"""

from __future__ import annotations

import hashlib
import json

import pytest

from taketwo.cassette.audio.wav import wav_of
from taketwo.cassette.model import (
    Cassette,
    Close,
    Conversation,
    Direction,
    Frame,
    JsonBody,
    Sound,
    StoredRequest,
    StoredResponse,
)
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cli.conftest import MADE, PAGE, taketwo
from tests.toolkit.conftest import Project

WAV = wav_of(bytes(range(240)) * 20, Sound(8000))
SOUND = f"{hashlib.sha256(WAV).hexdigest()[:16]}.wav"
SPOKEN = Cassette(
    test="tests/test_notes.py::test_page",
    conversations=(
        Conversation(
            request=StoredRequest(method="GET", url="ws://notebook.test/"),
            response=StoredResponse(status=101),
            frames=(
                Frame(direction=Direction.SEND, at=0, body=JsonBody({"text": "one"})),
                *(
                    Frame(
                        direction=Direction.RECEIVE,
                        at=10 * number,
                        body=JsonBody({"audio": f"<pcm:{SOUND}:{800 * (number - 1)}-{800 * number}>"}),
                    )
                    for number in (1, 2, 3)
                ),
                Frame(direction=Direction.RECEIVE, at=40, body=JsonBody({"event": "done"})),
            ),
            close=Close(code=1000, reason="enough", at=50),
        ),
    ),
    files={SOUND: WAV},
)

SHOWN_MADE = f"""\
{MADE}
tests/test_notes.py::test_made

# 1 of 2
POST http://notebook.test/notes
content-type: application/json
x-notebook-key: <secret:NOTEBOOK_KEY>

{{
  "text": "one"
}}

HTTP 201 Created
content-type: application/json

{{
  "id": "<uuid:1>",
  "text": "one"
}}

# 2 of 2
GET http://notebook.test/notes?after=<time:1>&q=a%20b

HTTP 404 Nowhere
"""

SHOWN_PAGE = f"""\
{PAGE}
tests/test_notes.py::test_page

# 1 of 2
GET http://notebook.test/page

HTTP 200 OK
content-type: text/html

<h1>Hi\\x1b[31m</h1>

# 2 of 2
GET http://notebook.test/picture

HTTP 200 OK

(binary, 256 B)
"""


def test_a_cassette_reads_as_http(kept: Project) -> None:
    """
    What a terminal would obey is shown, and not obeyed.
    """
    run = taketwo(kept, "show", MADE, PAGE)

    assert (run.code, run.errors) == (0, "")
    assert run.output == f"{SHOWN_MADE}\n{SHOWN_PAGE}"


def test_one_interaction_is_shown_alone(kept: Project) -> None:
    run = taketwo(kept, "show", PAGE, "--interaction", "2")

    assert run.output == (
        f"{PAGE}\ntests/test_notes.py::test_page\n\n"
        "# 2 of 2\nGET http://notebook.test/picture\n\nHTTP 200 OK\n\n(binary, 256 B)\n"
    )


def test_a_conversation_is_shown_frame_by_frame_with_its_audio_in_one_line(kept: Project) -> None:
    kept.write(PAGE, dump_cassette(SPOKEN))
    (kept.root / PAGE).with_name(SOUND).write_bytes(WAV)
    head = f"""\
{PAGE}
tests/test_notes.py::test_page

# conversation 1 of 1
GET ws://notebook.test/

HTTP 101 Switching Protocols

->   1    0.000 s  {{"text": "one"}}
"""
    end = """\
<-   5    0.040 s  {"event": "done"}
-> end    0.050 s  close 1000 enough
"""

    whole = taketwo(kept, "show", PAGE)
    alone = taketwo(kept, "show", PAGE, "--conversation", "1")
    none = taketwo(kept, "show", PAGE, "--conversation", "2")

    assert (whole.errors, whole.output) == (
        "",
        f"{head}<-   2    0.010 s  0.30 s of audio, {SOUND}, in 3 frames to frame 4 at 0.030 s\n{end}",
    )
    assert alone.output == "".join(
        [
            head,
            f'<-   2    0.010 s  {{"audio": "<pcm:{SOUND}:0-800>"}}\n',
            f'<-   3    0.020 s  {{"audio": "<pcm:{SOUND}:800-1600>"}}\n',
            f'<-   4    0.030 s  {{"audio": "<pcm:{SOUND}:1600-2400>"}}\n',
            end,
        ]
    )
    assert (none.code, none.errors) == (
        3,
        f"error: {PAGE} has no conversation 2; its conversations are 1 to 1\n",
    )


def test_a_script_gets_what_the_file_says(kept: Project) -> None:
    run = taketwo(kept, "show", MADE, "--json", "--interaction=2")

    assert json.loads(run.output) == [
        {
            "cassette": MADE,
            "test": "tests/test_notes.py::test_made",
            "services": {"notebook": "0123456789ab"},
            "interactions": [
                {
                    "number": 2,
                    "request": {
                        "method": "GET",
                        "url": "http://notebook.test/notes",
                        "query": {"after": "<time:1>", "q": "a b"},
                    },
                    "response": {"status": 404, "reason": "Nowhere"},
                }
            ],
        }
    ]


def test_the_beginning_of_a_name_is_taken_for_it(kept: Project) -> None:
    longer = "cassettes/test_notes/test_made_of_many_parts.yaml"
    kept.write(longer, (kept.root / MADE).read_text(encoding="utf-8"))

    run = taketwo(kept, "show", "cassettes/test_notes/test_made_of")

    assert run.code == 3
    assert f"did you mean {longer}?" in run.errors


def test_on_a_terminal_there_is_colour_and_the_same_text(kept: Project) -> None:
    run = taketwo(kept, "show", MADE, environment={"FORCE_COLOR": "1", "NO_COLOR": "", "TERM": "xterm"})

    assert '\x1b[94m"text"\x1b[' in run.output
    assert _without_colour(run.output) == SHOWN_MADE


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ["test_made"],
            f"there is no cassette test_made; did you mean {MADE}?\nto see what there is: taketwo list",
        ),
        (["xyzzy.yaml"], "there is no cassette xyzzy.yaml\nto see what there is: taketwo list"),
        (
            ["cassettes"],
            "cassettes is a folder; name a cassette in it, as they are in: taketwo list cassettes",
        ),
        (
            ["pyproject.toml"],
            "pyproject.toml is no cassette: those end in .yaml, .yml, .json, .har; they are in: taketwo list",
        ),
        ([MADE, "--interaction=3"], f"{MADE} has no interaction 3; its interactions are 1 to 2"),
    ],
)
def test_what_cannot_be_shown_is_told_with_what_to_type(
    kept: Project, arguments: list[str], error: str
) -> None:
    run = taketwo(kept, "show", *arguments)

    assert (run.code, run.output, run.errors) == (3, "", f"error: {error}\n")


def test_a_damaged_cassette_is_told_by_file_line_and_reason(kept: Project) -> None:
    kept.write(PAGE, "taketwo: 1\ntaketwo: 1\n")

    run = taketwo(kept, "show", PAGE)

    assert (run.code, run.errors) == (3, f"error: {PAGE}, line 2: the key 'taketwo' appears twice\n")


def _without_colour(text: str) -> str:
    parts = text.split("\x1b[")
    return "".join([parts[0], *(part.partition("m")[2] for part in parts[1:])])
