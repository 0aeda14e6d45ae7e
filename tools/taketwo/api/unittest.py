"""
Cassettes for :mod:`unittest`.
"""

from __future__ import annotations

import inspect
import sys
import unittest
from pathlib import Path
from typing import Any, ClassVar

from taketwo.api.open_cassette import ScriptCassette
from taketwo.api.options import CassetteOptions
from taketwo.api.project import Project, project_at
from taketwo.cassette.store.names import SUFFIX, file_name
from taketwo.intercept.cassette import OpenCassette


class CassetteMixin(unittest.TestCase):
    """
    A base for test cases each test of which has a cassette, its ``setUp`` and ``tearDown`` included.

    Put it before the other bases::

        class TestLogin(taketwo.CassetteMixin, unittest.IsolatedAsyncioTestCase): ...

    A test that fails, or is skipped, keeps the cassette that it has. ``cassette`` is the open one.
    """

    cassette_options: ClassVar[CassetteOptions] = {}
    cassette: OpenCassette

    def cassette_path(self) -> Path:
        """
        Where the cassette lies: in a project below its folder of cassettes, else in ``cassettes`` beside the
        test's module. A test case may set another.
        """
        module = Path(inspect.getfile(type(self))).absolute()
        name = f"{file_name(f'{type(self).__name__}.{self._testMethodName}')}{SUFFIX}"
        return _folder(module, project_at(module.parent)) / name

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        if result is None:
            result = self.defaultTestResult()
        watched = _WatchedResult(result)
        try:
            path = self.cassette_path()
            opened = ScriptCassette(path, self.cassette_options, project=project_at(path.parent))
        except Exception:  # noqa: BLE001 - whatever it is, it is the result of the test
            return _failed_to_open(self, result)

        def save() -> None:
            if not watched.has_trouble:
                opened.save()

        # The first that is added is the last that is called: when teardown and all else has ended well.
        self.addCleanup(save)
        try:
            self.cassette = opened.enter()
            super().run(watched)  # type: ignore[arg-type]  # it passes on whatever else a result has
        finally:
            opened.leave()
        return result


class _WatchedResult:
    """
    *result*, with a note of whether the test had any trouble, whichever runner it is for.
    """

    def __init__(self, result: unittest.TestResult) -> None:
        self._result = result
        self.has_trouble = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a result has
        found = getattr(self._result, name)
        return self._noting(found) if name in _TROUBLE else found

    def _noting(self, note: Any) -> Any:  # noqa: ANN401 - as above
        def noting(*arguments: Any) -> Any:  # noqa: ANN401 - as above
            # That of a subtest has an outcome behind the two tests, None where all went well.
            if note.__name__ != "addSubTest" or arguments[-1] is not None:
                self.has_trouble = True
            return note(*arguments)

        return noting


_TROUBLE = {"addError", "addFailure", "addSkip", "addSubTest", "addExpectedFailure"}


def _failed_to_open(test: unittest.TestCase, result: unittest.TestResult) -> unittest.TestResult:
    """
    Report the exception that is handled as the outcome of *test*, which never began.
    """
    result.startTest(test)
    result.addError(test, sys.exc_info())
    result.stopTest(test)
    return result


def _folder(module: Path, project: Project) -> Path:
    config = project.config
    if not (config.root / "pyproject.toml").is_file():
        return module.parent / "cassettes" / module.stem
    base = config.tests if module.is_relative_to(config.tests) else config.root
    inside = module.relative_to(base) if module.is_relative_to(base) else Path(module.name)
    return config.cassettes / inside.with_suffix("")
