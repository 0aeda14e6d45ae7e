"""
``taketwo refresh --learn``.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from taketwo.cassette import Cassette, read_cassette
from taketwo.cli.command import CLEAN, FOUND
from taketwo.cli.observer import observer
from taketwo.cli.outputs import Outputs
from taketwo.cli.project import redactor_of
from taketwo.cli.terminal import Terminal
from taketwo.config import Config
from taketwo.errors import TakeTwoError
from taketwo.refresh import Learned, Proposal, PytestRunner, Recorded, Refresh, Wanted, learn
from taketwo.report import Taught, TaughtRule, learned_json, learned_lines

_Takes = tuple[Recorded, Path]


def learn_rules(config: Config, options: argparse.Namespace, terminal: Terminal) -> int:
    outputs = Outputs.of(options, os.environ)
    outputs.refuse_all_but("json", "--learn")
    redactor = redactor_of(config)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    runner = PytestRunner(root=config.root, redact=redactor.text, environment=environment)
    is_all = options.all or not (options.paths or options.keyword)
    wanted = Wanted(everything=is_all, paths=tuple(options.paths), keyword=options.keyword)
    with observer(terminal) as listening:
        refresh = Refresh(config=config, runner=runner, observer=listening, environment=environment)
        with refresh.repeated(wanted, times=2) as takes:
            if not takes or not takes[0][0].tests:
                raise TakeTwoError("no test that has a cassette is selected; nothing was recorded")
            pairs, failed = _pairs(takes[0], takes[1])
    learned = learn(pairs)
    taught = _taught(learned, failed)
    outputs.tell_otherwise(learned_json(taught), learned_lines(taught), terminal)
    return FOUND if learned.proposals or learned.unexplained or failed else CLEAN


def _pairs(first: _Takes, second: _Takes) -> tuple[list[tuple[Cassette, Cassette]], list[str]]:
    """
    The two takes of each cassette, and the tests of which there are no two.
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


def _taught(learned: Learned, failed: list[str]) -> Taught:
    return Taught(
        tests=learned.tests,
        rules=[_rule(proposal) for proposal in learned.proposals],
        unexplained=[(one.test, one.place, one.reason) for one in learned.unexplained],
        failed=failed,
    )


def _rule(proposal: Proposal) -> TaughtRule:
    before, after = proposal.examples
    return TaughtRule(
        lines=proposal.rule.lines,
        table=proposal.rule.table,
        places=proposal.places,
        before=before,
        after=after,
    )
