"""
Tests of hypothesis with a cassette: their examples are the same in the recording and in every replay.

By itself hypothesis draws other examples with each run, and a replay has answers to those of its recording
alone. So the examples of such a test are drawn by a seed that depends on the test's id, whatever else is run
or imported; and a replay, which cannot ask for more, does not look for a simpler example when one fails.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, is_hypothesis_test, settings
from hypothesis.internal.conjecture import providers

from taketwo.cassette.volatile.generate import seed_of
from taketwo.plugin.run import RUNNING_TEST
from taketwo.plugin.testcase.state import RunningTest

_SETTINGS = "_hypothesis_internal_use_settings"
_SEED = "_hypothesis_internal_use_seed"
_ADVICE = (
    "the examples of hypothesis are the recorded ones only while hypothesis, the strategies and max_examples "
    "stay as they were"
)


class PropertyTests:
    """
    The hooks of a run with cassettes and hypothesis.
    """

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        running, test = item.stash.get(RUNNING_TEST, None), getattr(item, "obj", None)
        if running is None or not is_hypothesis_test(test):
            return (yield)
        running.player.advice = _ADVICE
        # One that fails is run again, and two examples may send the same request.
        running.player.playback = running.player.playback.with_changed(repeats=True)
        with _derandomized(test, running), _without_constants_of_project(providers):
            return (yield)


@contextmanager
def _derandomized(test: Any, running: RunningTest) -> Iterator[None]:  # noqa: ANN401 - a function or a method
    """
    While open, *test* draws its examples by its own seed, or by one that its decorator names.
    """
    function = getattr(test, "__func__", test)
    given = getattr(function, _SETTINGS, None)
    if given is None:  # the method of a state machine's test case, which has its settings as an attribute
        machine = test.__self__
        with _with(machine, settings=_settings(machine.settings, running)):
            yield
        return
    seed = getattr(function, _SEED, None)
    values = {_SETTINGS: _settings(given, running), _SEED: seed_of(running.test) if seed is None else seed}
    with _with(function, **values):
        yield


def _settings(given: settings, running: RunningTest) -> settings:
    """
    *given* without what depends on chance, on earlier runs, or on how long an answer takes.
    """
    simplifying = () if running.recorder is not None else (Phase.shrink, Phase.explain)
    return settings(
        parent=given,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[phase for phase in given.phases if phase not in simplifying],
        suppress_health_check={*given.suppress_health_check, HealthCheck.too_slow},
    )


@contextmanager
def _with(owner: object, **values: object) -> Iterator[None]:
    """
    While open, the attributes of *owner* have these *values*.
    """
    before = {name: vars(owner)[name] for name in values if name in vars(owner)}
    vars(owner).update(values)
    try:
        yield
    finally:
        for name in values:
            del vars(owner)[name]
        vars(owner).update(before)


def _without_constants_of_project(module: ModuleType) -> Any:  # noqa: ANN401 - a context manager
    """
    While open, no example is a constant of the project's modules.

    Which of them are imported differs from run to run. A patch of ``_get_local_constants``, of hypothesis
    6.131 to 6.170; earlier ones have no such thing.
    """
    if not hasattr(module, "_get_local_constants"):
        return nullcontext()
    return _patched(module)


@contextmanager
def _patched(module: ModuleType) -> Iterator[None]:
    module.CONSTANTS_CACHE.cache.clear()
    try:
        with _with(module, _get_local_constants=module.Constants):
            yield
    finally:
        module.CONSTANTS_CACHE.cache.clear()
