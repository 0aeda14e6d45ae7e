"""
``taketwo refresh --learn``.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from taketwo.cassette.model import Cassette
from taketwo.cassette.store.read import read_cassette
from taketwo.config.project import Config
from taketwo.console.command import CLEAN, FOUND
from taketwo.console.outputs import Outputs
from taketwo.console.progress import observer
from taketwo.console.project import redactor_of
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.features.learn.infer_rules import InferredRules, Proposal, infer_rules
from taketwo.features.learn.render import LearnReport, ProposedRule, learn_json, learn_lines
from taketwo.refresh.ports import RecordingRun
from taketwo.refresh.runner import PytestRunner
from taketwo.refresh.usecase import Refresh
from taketwo.results import RefreshRequest

_TIMES = 3  # in two of them, values may be equal by chance

_Recordings = tuple[RecordingRun, Path]


def learn_rules(config: Config, options: argparse.Namespace, terminal: Terminal) -> int:
    outputs = Outputs.of(options, os.environ)
    outputs.refuse_all_but("json", "--learn")
    redactor = redactor_of(config)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    runner = PytestRunner(root=config.root, redact=redactor.text, environment=environment)
    is_all = options.all or not (options.paths or options.keyword)
    request = RefreshRequest(everything=is_all, paths=tuple(options.paths), keyword=options.keyword)
    with observer(terminal) as listening:
        refresh = Refresh(config=config, runner=runner, observer=listening, environment=environment)
        with refresh.repeated(request, times=_TIMES) as recordings:
            if not recordings or not recordings[0][0].tests:
                raise TakeTwoError("no test that has a cassette is selected; nothing was recorded")
            compared = [_pairs(recordings[0], other) for other in recordings[1:]]
    pairs = [pair for found, _ in compared for pair in found]
    failed = sorted({test for _, tests in compared for test in tests})
    learned = infer_rules(pairs)
    report = _report(learned, failed)
    outputs.write_lines(learn_json(report), learn_lines(report), terminal)
    return FOUND if learned.proposals or learned.unexplained or failed else CLEAN


def _pairs(first: _Recordings, second: _Recordings) -> tuple[list[tuple[Cassette, Cassette]], list[str]]:
    """
    The two recordings of each cassette, and the tests of which there are no two.
    """
    passed = [
        {one.test: one.cassette for one in recorded.outcomes if one.passed} for recorded, _ in (first, second)
    ]
    both = {test: cassette for test, cassette in passed[0].items() if test in passed[1] and cassette}
    ran = {one.test for recorded, _ in (first, second) for one in recorded.outcomes}
    pairs = []
    for cassette in sorted(set(both.values())):
        before, after = read_cassette(first[1] / cassette), read_cassette(second[1] / cassette)
        if before is not None and after is not None and before.tests == after.tests:
            pairs.append((before, after))
    return pairs, sorted(ran - set(both))


def _report(learned: InferredRules, failed: list[str]) -> LearnReport:
    return LearnReport(
        tests=learned.tests,
        rules=[_rule(proposal) for proposal in learned.proposals],
        unexplained=[(one.test, one.place, one.reason) for one in learned.unexplained],
        failed=failed,
    )


def _rule(proposal: Proposal) -> ProposedRule:
    before, after = proposal.examples
    return ProposedRule(
        lines=proposal.rule.lines,
        table=proposal.rule.table,
        places=proposal.places,
        before=before,
        after=after,
    )
