"""
A refresh as Markdown.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from taketwo.report.render.markdown import LARGEST, refresh_markdown
from taketwo.results import RefreshResult
from tests.toolkit.report.hostile import hostile_story
from tests.toolkit.report.reports import SPOKEN, WHOLE, many

SMALL = replace(
    WHOLE, cassette_results=(WHOLE.cassette_results[0], *WHOLE.cassette_results[3:]), causes=WHOLE.causes[1:]
)

EXPECTED = """\
## taketwo: 1 test no longer passes

**explained**: recordings changed, and changes of contracts explain every difference

3 tests recorded again: 1 failed, 1 new, 1 unchanged

### Tests that no longer pass

<details><summary><code>tests/test&#95;pages.py::test&#95;listed</code></summary>

```text
tests/test_pages.py:12: in test_listed
    assert pages[0]["page_id"]
E   KeyError: 'page_id'
```

</details>

### Changes of contracts

| severity | where | what | reach | cause |
| --- | --- | --- | --- | --- |
| **breaking** | `NotionModel.page_id` | `it was removed: queries that select it fail` | \
explains 1 cassette, 1 test no longer passes with it, touches 1 more | `3fa2c1` |
| dangerous | `Notes.colour` | `'green' was added: readers meet a new value` | \
touches no cassette | `90bd77` |

### Recorded for the first time

`cassettes/test_me/test_first.yaml`

### No test uses

`cassettes/test_old/test_gone.yaml`

### To decide

```sh
refresh --review
refresh --accept
refresh --reject
refresh --accept --cause 3fa2c1
```
"""


def test_the_worst_comes_first_and_what_to_type_last() -> None:
    assert refresh_markdown(SMALL) == EXPECTED


def test_what_differs_is_folded_below_its_cassette() -> None:
    text = refresh_markdown(RefreshResult(command="refresh", written=True, cassette_results=(SPOKEN,)))

    summary = "<details><summary><code>cassettes/test&#95;speech/test&#95;spoken.yaml</code>: "
    assert f"{summary}1 difference, dangerous</summary>\n\n```diff\n@@ 1. POST" in text
    assert "\n! response.audio: " in text


def test_a_check_that_could_not_run_says_why() -> None:
    assert refresh_markdown(RefreshResult(command="refresh", error="mesh did not start")) == (
        "## taketwo: the check could not run\n\n```\nmesh did not start\n```\n"
    )


@pytest.mark.parametrize("largest", [LARGEST, 8_000])
def test_it_fits_into_a_comment_and_counts_what_does_not(largest: int) -> None:
    text = refresh_markdown(many(1000), largest=largest)

    shown = text.count("<details>")
    assert len(text.encode()) <= largest
    assert 1 <= shown < 1000
    assert f"Left out, since there is no room for more: {1000 - shown} differing cassettes.\n" in text
    assert "refresh --accept --cause 3fa2c1" in text
    assert text.count("```") % 2 == 0


def test_nothing_that_was_said_is_markup() -> None:
    """
    Read as GitHub reads it, a hostile text is code: no element, no link, no name, and nothing ends its block.
    """
    text = refresh_markdown(hostile_story())

    html = MarkdownIt("commonmark").enable("table").render(text)
    outside = re.sub(r"<(pre|code)\b.*?</\1>", "", html, flags=re.DOTALL)

    tags = {tag.lower() for tag in re.findall(r"</?([A-Za-z][\w-]*)", html)}
    assert tags == {
        *("h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"),
        *("code", "pre", "details", "summary"),
    }
    assert not re.search(r"@everyone|javascript:|evil\.test|owned|\x1b|\x00", outside)
    assert len(text.encode()) <= LARGEST


def test_the_same_story_gives_the_same_text() -> None:
    assert refresh_markdown(WHOLE) == refresh_markdown(replace(WHOLE))
