"""
What a service could say to whoever reads a report.
"""

from __future__ import annotations

from dataclasses import replace

from taketwo.cassette.model import Cassette, Interaction, JsonBody, StoredRequest, StoredResponse, TextBody
from taketwo.compare.recordings import compare_cassettes
from taketwo.contract.changes import Severity
from taketwo.results import CassetteResult, RefreshResult, Status
from tests.toolkit.report.reports import change, contract_cause, unlocked

TEXTS = (
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "<!-- --><style>*{display:none}</style>",
    "```\n# heading\n@everyone #1 [link](javascript:alert(1)) ![x](http://evil.test/x.png)",
    "| cell | `tick` ~~~ </details></code></summary>",
    "]]><evil/>&quot;&#0;&lol;",
    "::error::x\r\n::add-mask::y%0A",
    "\x00\x1b[31m\x9b\x7f\ud800\u202e\ufffe\uffff",
    "{{content}} {{script}}",
    "x" * 100_000,
)


def hostile_story() -> RefreshResult:
    """
    Every text in every place that a service, or a test, has a say in.
    """
    cases, causes = [], []
    for number, text in enumerate(TEXTS):
        cause = replace(
            contract_cause(f"{number:06}", change(text, text, text, Severity.BREAKING)),
            cassettes=(text,),
            explained=(text,),
            failing=(text,),
        )
        before, after = _cassette(text, "before"), _cassette(text, "after")
        drifted = CassetteResult(
            test=f"tests/{text}.py::{text}",
            cassette=text,
            status=Status.CHANGED,
            causes=(cause.id,),
            differences=compare_cassettes(before, after),
            before=before,
            after=after,
        )
        causes += [cause, replace(cause, id=f"b{number:05}", changes=(), service="")]
        cases += [drifted, CassetteResult(test=text, cassette=text, status=Status.FAILED, message=text)]
    return RefreshResult(
        command="refresh",
        written=True,
        causes=tuple(causes),
        cassette_results=tuple(cases),
        contract_diffs=unlocked(*TEXTS),
        orphans=TEXTS,
    )


def _cassette(text: str, what: str) -> Cassette:
    headers = (("content-type", "text/html"), ("x-said", f"{text}{what}"))
    return Cassette(
        test=text,
        interactions=(
            Interaction(
                StoredRequest(method="GET", url=f"http://mesh.test/{text}", query=((text, what),)),
                StoredResponse(status=200, reason=text, headers=headers, body=JsonBody({text: [text, what]})),
            ),
            Interaction(
                StoredRequest(method="GET", url="http://mesh.test/"),
                StoredResponse(status=200, headers=headers, body=TextBody(f"{text}\n{what}")),
            ),
        ),
    )
