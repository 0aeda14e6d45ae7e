"""
What is a crash of the code under test, and what is not.

The code under test are the files of the project, without its tests and what is installed. An error counts
where the innermost frame of its traceback that belongs to the project is in that code, and the code does not
answer with it on purpose: by an error of the project's own, or by one of a client library about a failure
that the service documents.
"""

from __future__ import annotations

import dis
import fnmatch
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final

from taketwo import errors
from taketwo.errors import TakeTwoError, Unanswered
from taketwo.features.survive.candidates import ChangeKind

#: What a value raises that nobody expected.
_CRASHES: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RecursionError,
    StopAsyncIteration,
    StopIteration,
    TypeError,
    ValueError,
)
#: In the names of errors that libraries raise for a value that they cannot take.
_OF_VALIDATION: Final = ("Decod", "Parse", "Validation")
_OF_MEMBERS: Final = frozenset({ChangeKind.FUTURE, ChangeKind.MEMBER})
_TEST_FOLDERS: Final = frozenset({"test", "testing", "tests"})
_INSTALLED: Final = frozenset({"dist-packages", "site-packages"})
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """
    Where the code under test crashed: *file* below the root of the project, *line*, the *error*, its words.
    """

    file: str
    line: int
    error: str
    message: str = field(compare=False)

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line} {self.error}"


@dataclass(frozen=True, kw_only=True)
class CodeUnderTest:
    """
    The files of the project at *root* that are no tests.

    *test_files* are pytest's patterns of the names of test files, *tests* is the folder of the tests, where
    the project names one below its root.
    """

    root: Path
    test_files: Sequence[str] = ("test_*.py", "*_test.py")
    tests: Path | None = None

    def holds(self, file: str) -> bool:
        return self._is_of_project(file) and not self.is_test(file)

    def is_test(self, file: str) -> bool:
        """
        Whether *file* is of the project's tests: by its name, or since a folder of tests holds it.
        """
        if not self._is_of_project(file):
            return False
        path = Path(file)
        if path.name == "conftest.py" or any(fnmatch.fnmatch(path.name, one) for one in self.test_files):
            return True
        if self.tests is not None and self.tests != self.root and path.is_relative_to(self.tests):
            return True
        return bool(_TEST_FOLDERS.intersection(path.relative_to(self.root).parts[:-1]))

    def _is_of_project(self, file: str) -> bool:
        path = Path(file)
        if not path.is_relative_to(self.root) or _INSTALLED.intersection(path.parts):
            return False
        installed = (Path(errors.__file__).parent, Path(sys.prefix), Path(sysconfig.get_paths()["stdlib"]))
        return not any(one != self.root and path.is_relative_to(one) for one in installed)

    def defines(self, error: type[BaseException]) -> bool:
        """
        Whether *error* is an error of the project itself, or a kind of one.
        """
        modules = (sys.modules.get(one.__module__) for one in error.__mro__)
        files = (getattr(module, "__file__", None) for module in modules)
        return any(self._is_of_project(file) for file in files if file)


def crash_of(error: BaseException, code: CodeUnderTest, kind: ChangeKind) -> Crash | None:
    """
    The crash that *error*, which ended a phase of a test, tells of; *kind* is what was changed of an answer.
    """
    return next((found for leaf in _leaves(error) if (found := _crash(leaf, code, kind)) is not None), None)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """
    The errors that stand behind *error*: those of a group, and what pytest warns of.
    """
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    elif isinstance(error, Warning) and error.__cause__ is not None:
        yield from _leaves(error.__cause__)
    else:
        yield error


def _crash(error: BaseException, code: CodeUnderTest, kind: ChangeKind) -> Crash | None:
    if not _is_crash(error) or code.defines(type(error)) or _is_unanswered(error):
        return None
    # What ended a generator is only in the traceback of the cause.
    ended = error.__cause__ if _is_end_of_generator(error) else error
    frames = list(_frames(ended.__traceback__ if ended is not None else None))
    own = [frame for frame in frames if code.holds(frame.file) or code.is_test(frame.file)]
    if not own or code.is_test(own[-1].file):
        return None
    innermost = own[-1]
    if innermost is frames[-1] and innermost.raises and not _is_refusal(error, kind):
        return None
    file = Path(innermost.file).relative_to(code.root).as_posix()
    message = " ".join(str(error).split())
    short = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
    return Crash(file=file, line=innermost.line, error=type(error).__name__, message=short)


def _is_crash(error: BaseException) -> bool:
    if _is_end_of_generator(error) or isinstance(error, _CRASHES):
        return True
    return isinstance(error, Exception) and any(
        word in one.__name__
        for one in type(error).__mro__
        for word in _OF_VALIDATION
        if one.__module__ != "builtins"
    )


def _is_end_of_generator(error: BaseException) -> bool:
    """
    Whether it is what a generator or a coroutine makes of a ``StopIteration`` in it.
    """
    return isinstance(error, RuntimeError) and isinstance(error.__cause__, StopIteration | StopAsyncIteration)


def _is_refusal(error: BaseException, kind: ChangeKind) -> bool:
    """
    Whether an error that the code raises by a statement of its own refuses what the contract permits: an
    assertion, or a member of an enum that it does not know. Of anything else the code knows, and says so.
    """
    return isinstance(error, AssertionError) or kind in _OF_MEMBERS


def _is_unanswered(error: BaseException) -> bool:
    """
    Whether it comes of a request that was never recorded, which another answer has led to.
    """
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        if isinstance(one, TakeTwoError | Unanswered):
            return True
        seen.add(id(one))
        one = one.__cause__ or one.__context__
    return False


@dataclass(frozen=True, slots=True)
class _Frame:
    file: str
    line: int
    raises: bool


def _frames(traceback: TracebackType | None) -> Iterator[_Frame]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield _Frame(code.co_filename, traceback.tb_lineno, _raises(traceback))
        traceback = traceback.tb_next


def _raises(traceback: TracebackType) -> bool:
    """
    Whether the frame is at a ``raise`` or an ``assert``, and not at what failed by itself.
    """
    code = traceback.tb_frame.f_code.co_code
    at = traceback.tb_lasti
    return 0 <= at < len(code) and dis.opname[code[at]] == "RAISE_VARARGS"
