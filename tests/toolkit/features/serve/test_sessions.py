"""
Sessions: each client replays for itself, and hears what it left.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from tests.toolkit.features.serve.conftest import SHOP, TEST, Serving, Shelf, interaction

COUNT = tuple(interaction("POST", f"{SHOP}/count", number) for number in range(4))
OTHER = interaction("GET", f"{SHOP}/other", "other")


def counted(serving: Serving, url: str) -> list[object]:
    return [serving.ask("POST", "/count", url=url).json for _ in COUNT]


def test_sixty_four_sessions_replay_from_the_beginning_each(shelf: Shelf) -> None:
    shelf.put("count", *COUNT)

    with shelf.serve() as serving, ThreadPoolExecutor(64) as pool:
        urls = [serving.session(test=TEST)["url"] for _ in range(64)]
        answers = list(pool.map(lambda url: counted(serving, url), urls))

    assert answers == [[0, 1, 2, 3]] * 64


def test_a_session_may_be_named_by_a_header(shelf: Shelf) -> None:
    shelf.put("count", *COUNT)

    with shelf.serve() as serving:
        one, other = serving.session()["header"], serving.session()["header"]
        answers = [
            serving.ask("POST", "/count", headers=tuple(header.items())).json for header in (one, one, other)
        ]
        shared = serving.ask("POST", "/count").json

    assert (answers, shared) == ([0, 1, 0], 0)


def test_a_session_of_a_test_plays_its_cassette_alone(shelf: Shelf) -> None:
    shelf.put("count", *COUNT)
    shelf.put("other", OTHER, test="tests/test_shop.py::test_other")

    with shelf.serve() as serving:
        session = serving.session(test="tests/test_shop.py::test_other")
        own, foreign = (
            serving.ask("GET", "/other", url=session["url"]),
            serving.ask("POST", "/count", url=session["url"]),
        )

    assert session["cassettes"] == ["cassettes/other.yaml"]
    assert (own.json, foreign.status) == ("other", 501)
    assert "pytest --record-mode=rewrite tests/test_shop.py::test_other" in foreign.text


def test_the_end_of_a_session_tells_what_was_left_and_what_found_no_answer(shelf: Shelf) -> None:
    shelf.put("count", *COUNT[:2], OTHER)

    with shelf.serve() as serving:
        session = serving.session(test=TEST, unplayed="fail")
        serving.ask("POST", "/count", url=session["url"])
        ended = serving.ask("DELETE", f"/__taketwo/sessions/{session['session']}")
        after = serving.ask("GET", "/other", url=session["url"])
        reports = serving.reports

    assert ended.json == {
        "session": session["session"],
        "test": TEST,
        "played": 1,
        "unplayed": {"cassettes/count.yaml": [f"POST {SHOP}/count", f"GET {SHOP}/other"]},
        "untouched_cassettes": 0,
        "unmatched": [],
        "passed": False,
    }
    assert after.status == 404
    assert [list(report.lines()) for report in reports] == [
        [
            f"session {session['session']} ({TEST}): 1 played, 2 not played, 0 without an answer",
            "  cassettes/count.yaml holds more than was asked for:",
            f"    - POST {SHOP}/count",
            f"    - GET {SHOP}/other",
        ]
    ]


def test_a_session_may_be_rewound(shelf: Shelf) -> None:
    shelf.put("count", *COUNT)

    with shelf.serve() as serving:
        session = serving.session(test=TEST)
        before = counted(serving, session["url"])
        serving.ask("POST", f"/__taketwo/sessions/{session['session']}/rewind")
        after = counted(serving, session["url"])

    assert before == after == [0, 1, 2, 3]


def test_options_of_a_session_are_those_of_a_test(shelf: Shelf) -> None:
    shelf.put("count", COUNT[0])

    with shelf.serve() as serving:
        url = serving.session(repeats=True)["url"]
        answers = [serving.ask("POST", "/count", url=url).json for _ in range(3)]
        wrong = serving.ask("POST", "/__taketwo/sessions", {"order": "sideways"})
        unknown = serving.ask("POST", "/__taketwo/sessions", {"repeat": True})

    assert answers == [0, 0, 0]
    assert (wrong.status, unknown.status) == (400, 400)
    assert "sideways" in wrong.json["error"]
    assert unknown.json["error"] == (
        "a session has no repeat; it may have "
        "cassette, match_headers, order, pace, patience, repeats, test, unplayed"
    )


def test_a_test_that_recorded_nothing_is_refused_with_the_nearest(shelf: Shelf) -> None:
    shelf.put("count", *COUNT)

    with shelf.serve() as serving:
        reply = serving.ask("POST", "/__taketwo/sessions", {"test": "tests/test_shop.py::test_ordre"})

    assert (reply.status, reply.json) == (
        404,
        {
            "error": "no cassette was recorded by the test 'tests/test_shop.py::test_ordre'; "
            f"did you mean {TEST}?"
        },
    )


def test_health_tells_how_much_is_served(shelf: Shelf) -> None:
    shelf.put("count", *COUNT)

    with shelf.serve() as serving:
        serving.session()
        reply = serving.ask("GET", "/__taketwo/health")

    assert (reply.status, reply.json) == (200, {"status": "ok", "cassettes": 1, "sessions": 1})


def wait_for(serving: Serving, line: str) -> None:
    for _ in range(400):
        if any(line in told for told in serving.log):
            return
        time.sleep(0.05)
    raise AssertionError(serving.log)


def test_a_watched_cassette_is_served_as_it_is_now(shelf: Shelf) -> None:
    shelf.put("count", COUNT[0])

    with shelf.serve(watch=True) as serving:
        before = serving.ask("GET", "/other").status
        shelf.put("new", OTHER)
        wait_for(serving, "cassettes have changed: 2 are served")
        after = serving.ask("GET", "/other").json

    assert (before, after) == (501, "other")


def test_a_watched_cassette_that_is_damaged_is_told_and_the_others_are_served_on(shelf: Shelf) -> None:
    shelf.put("count", COUNT[0])

    with shelf.serve(watch=True) as serving:
        (shelf.folder / "new.yaml").write_text("taketwo: 99\n", encoding="utf-8")
        wait_for(serving, "serving what was there before")
        answer = serving.ask("POST", "/count").json

    assert answer == 0
