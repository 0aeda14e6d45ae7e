"""
The findings of ``taketwo faults``, put together from what each test showed.
"""

from __future__ import annotations

from taketwo.features.faults.run import together


def _finding(line: str, detail: str = "KeyError: 'a'") -> dict[str, str]:
    return {
        "line": line,
        "what": "leaks an error",
        "detail": detail,
        "fault": "reset",
        "place": "interaction 1, GET http://shop.test/",
        "marker": "",
    }


def test_findings_are_listed_by_file_and_there_by_the_number_of_the_line() -> None:
    judged = [
        {
            "test": "t",
            "findings": [_finding("shop/b.py:3"), _finding("shop/a.py:14"), _finding("shop/a.py:8")],
        }
    ]

    assert [one.line for one in together(judged)] == ["shop/a.py:8", "shop/a.py:14", "shop/b.py:3"]


def test_what_several_trials_show_at_one_line_is_one_finding() -> None:
    judged = [
        {"test": "t2", "findings": [_finding("shop/a.py:8", "KeyError: 'b'")]},
        {"test": "t1", "findings": [_finding("shop/a.py:8")]},
    ]

    assert [(one.test, one.detail, one.others) for one in together(judged)] == [("t1", "KeyError: 'a'", 1)]
