"""
The pytest plugin of ``taketwo mutate``, which loads it with ``-p``: each test is replayed many times in this
process, each time with another mutant of its cassette in memory. The events say which mutants survived.
"""

from __future__ import annotations

from typing import Any

import pytest

from taketwo.features.mutate.mutants import mutants_of
from taketwo.plugin.rerun.runs import FirstRun, Reruns, add_option, hung, options_of, passed, sample


def pytest_addoption(parser: pytest.Parser) -> None:
    add_option(parser)


def pytest_sessionstart(session: pytest.Session) -> None:
    """
    Every plugin has been configured now, so the run of the project is there.
    """
    hooks = MutationHooks(session.config, options_of(session.config))
    session.config.pluginmanager.register(hooks, "taketwo-mutation")


class MutationHooks:
    """
    Runs every test by itself, then once for each mutant.

    *wanted* is ``{"limit": …, "seed": …, "everything": …}``.
    """

    def __init__(self, config: pytest.Config, wanted: dict[str, Any]) -> None:
        self._limit = int(wanted["limit"])
        self._seed = int(wanted["seed"])
        self._everything = bool(wanted["everything"])
        self._reruns = Reruns(config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        if item.get_closest_marker("vcr"):
            first = self._reruns.first(item)
            self._reruns.tell(self._judged(item, first) if isinstance(first, FirstRun) else first)
        self._reruns.last(item, nextitem)
        return True

    def _judged(self, item: pytest.Item, first: FirstRun) -> dict[str, Any]:
        every = mutants_of(first.cassette, is_read=None if self._everything else first.reads.holds)
        chosen = sample(
            every, self._limit or len(every), seed=self._seed, test=item.nodeid, kind=lambda one: one.kind
        )
        survivors, noticed, alive, never_ended = [], [], [], 0
        for mutant in chosen:
            reports = self._reruns.run(item, mutant.apply, first.timeout)
            never_ended += hung(reports)
            if passed(reports):
                survivors.append({"place": mutant.place, "mutation": mutant.mutation})
                alive.append(mutant.change)
            else:
                noticed.append(mutant.change)
        return {
            "test": item.nodeid,
            "state": "judged",
            "possible": len(every),
            "mutants": len(chosen),
            "hung": never_ended,
            "survivors": survivors,
            "noticed_changes": sorted(set(noticed)),
            "survived_changes": sorted(set(alive)),
        }
