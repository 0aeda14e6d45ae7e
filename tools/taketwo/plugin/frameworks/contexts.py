"""
Coroutines belong to the test that runs, in whatever task their runner lets them run.

anyio has one task for all fixtures and tests of a runner, with the context of the first of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, ismethod
from typing import Any, TypeAlias

import pytest

from taketwo.playback.active import Owner, belong_to, owner

Function: TypeAlias = Callable[..., Any]


class Contexts:
    """
    The hooks of a run with anyio's plugin.
    """

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        function = pyfuncitem.obj
        if not iscoroutinefunction(function):
            return (yield)
        pyfuncitem.obj = _coroutine(function, owner())
        try:
            return (yield)
        finally:
            pyfuncitem.obj = function

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        function = fixturedef.func
        made = (
            _made_for(_bound(function, request), owner()) if "anyio_backend" in request.fixturenames else None
        )
        if made is None:
            return (yield)
        vars(fixturedef)["func"] = made
        try:
            return (yield)
        finally:
            vars(fixturedef)["func"] = function


def _made_for(function: Function, test_owner: Owner | None) -> Function | None:
    if isasyncgenfunction(function):
        return _generator(function, test_owner)
    return _coroutine(function, test_owner) if iscoroutinefunction(function) else None


def _bound(function: Function, request: pytest.FixtureRequest) -> Function:
    """
    *function* as anyio would bind it: a fixture of a class to the instance that runs the test.
    """
    instance = request.instance
    if instance is not None and ismethod(function) and type(function.__self__) is type(instance):
        bound: Function = function.__func__.__get__(instance)
        return bound
    return function


def _coroutine(function: Callable[..., Awaitable[object]], test_owner: Owner | None) -> Function:
    @wraps(function)
    async def belonging(*arguments: object, **options: object) -> object:
        belong_to(test_owner)
        return await function(*arguments, **options)

    return belonging


def _generator(function: Callable[..., AsyncIterator[object]], test_owner: Owner | None) -> Function:
    @wraps(function)
    async def belonging(*arguments: object, **options: object) -> AsyncIterator[object]:
        belong_to(test_owner)
        async for value in function(*arguments, **options):
            yield value
            belong_to(test_owner)  # its teardown is run after other tests have been

    return belonging
