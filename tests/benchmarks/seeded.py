"""
Mistakes, one at a time in a copy of the bot with some of its tests and their cassettes: which command
finds each, and that none reports anything of the bot as it is.

    python -m tests.benchmarks.seeded [NAME…]
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.processes import say

ROOT: Final = Path(__file__).parents[2]
REPLAY, FAULTS, SURVIVE = "replay", "faults", "survive"
COMMANDS: Final = (REPLAY, FAULTS, SURVIVE)
_LEFT_OUT: Final = shutil.ignore_patterns(
    "__pycache__", "toolkit", "benchmarks", "servers", "e2e", ".taketwo"
)


@dataclass(frozen=True, slots=True)
class Seed:
    """
    A mistake: *old* becomes *new* in *file* of the bot; one of *tests* shows it to the command *by*.
    """

    name: str
    by: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


_NOTE: Final = ("test_notes_actions_integration.py::test_a_created_note_is_read_back",)
_SHARED: Final = ("test_sharing_actions_integration.py::test_access_is_that_of_the_role",)
_SPEECH: Final = ("test_chorus_speech.py::test_a_sentence_is_spoken_at_once",)
_STREAM: Final = ("test_chorus_speech.py::test_a_story_is_streamed_in_pieces",)
_LINE: Final = ("test_chorus_speech.py::test_a_sentence_is_spoken_over_a_line",)
_VOICES: Final = ("test_chorus_speech.py::test_the_voice_of_the_bot_is_there",)
_UNKNOWN_VOICE: Final = ("test_chorus_speech.py::test_a_voice_that_is_not_there",)
_VOICE: Final = ("test_personality_actions_integration.py::test_a_sprite_speaks_with_its_own_voice",)
_GRAPHQL: Final = ("test_html_actions_integration.py::test_graphql_reads_the_row_that_rest_wrote",)
_PROFILE: Final = ("test_profile_actions_integration.py::test_a_later_fact_is_merged_into_it",)

_CHECKED_DATA: Final = """\
        if complaints := answer.graphql_errors():
            raise MeshGraphQLError(answer.call, complaints)
        answer.check()
        if not isinstance(answer.data, dict):
            raise answer.unreadable("it has no data")
        return answer.data
"""
_UNCHECKED_DATA: Final = """\
        answer.check()
        if not isinstance(answer.data, dict):
            raise MeshGraphQLError(answer.call, answer.graphql_errors())
        return {name: dict(found) for name, found in answer.data.items()}
"""
_REQUEST: Final = """\
                response = await self._client.request(
                    method, url, params=params, json=body, headers=_headers(settings)
                )
"""
_TIMED_OUT: Final = "            raise MeshTimeoutError(call, settings.timeout) from None\n"
_AGAIN: Final = (
    "await self._client.request(method, url, params=params, json=body, headers=_headers(settings))"
)

SEEDS: Final = (
    Seed("no timeout for speech", FAULTS, "chorus.py", "timeout=settings.timeout,", "timeout=None,", _SPEECH),
    Seed(
        "no timeout in a pool of connections",
        FAULTS,
        "mesh.py",
        "        timeout=settings.timeout,\n    ) as client:",
        "        timeout=None,\n    ) as client:\n        settings = replace(settings, timeout=9e9)",
        _NOTE,
    ),
    Seed(
        "a POST is sent again after a timeout",
        FAULTS,
        "mesh.py",
        _TIMED_OUT,
        f"            response = {_AGAIN}\n",
        _NOTE,
    ),
    Seed(
        "a POST is sent again after a reset",
        FAULTS,
        "mesh.py",
        "        except httpx.RequestError as error:\n",
        f"        except httpx.ReadError:\n            response = {_AGAIN}\n"
        "        except httpx.RequestError as error:\n",
        _NOTE,
    ),
    Seed(
        "a busy service is asked without an end",
        FAULTS,
        "mesh.py",
        _REQUEST,
        f"{_REQUEST}                while response.status_code == 503:\n"
        f"                    response = {_AGAIN}\n",
        _NOTE,
    ),
    Seed(
        "a broken connection is not caught",
        FAULTS,
        "mesh.py",
        "except httpx.RequestError as error:",
        "except httpx.ConnectError as error:",
        _NOTE,
    ),
    Seed(
        "a body that is no JSON is not caught",
        FAULTS,
        "mesh.py",
        "    except ValueError:\n        return None",
        "    except TypeError:\n        return None",
        _NOTE,
    ),
    Seed(
        "an error status without the expected body",
        FAULTS,
        "mesh.py",
        '        error = self.field("error")\n',
        '        error = self.body["error"]\n',
        _NOTE,
    ),
    Seed(
        "a break in a stream is not caught",
        FAULTS,
        "chorus.py",
        "                await response.aclose()\n        except httpx.TransportError as error:",
        "                await response.aclose()\n        except httpx.TimeoutException as error:",
        _STREAM,
    ),
    Seed(
        "a stream that ends early passes for whole",
        FAULTS,
        "chorus.py",
        "        except httpx.TransportError as error:\n"
        "            raise self._failure(call, error) from error\n\n    def line(",
        "        except httpx.RemoteProtocolError:\n            return\n\n    def line(",
        _STREAM,
    ),
    Seed(
        "an error of speech without the expected body",
        FAULTS,
        "chorus.py",
        'error = body.get("error") if isinstance(body, dict) else None',
        'error = body["error"]',
        _SPEECH,
    ),
    Seed(
        "a lost WebSocket is not caught",
        FAULTS,
        "chorus_line.py",
        "            event = await self._receive(socket)\n        except ConnectionClosed as closed:",
        "            event = await self._receive(socket)\n        except InvalidHandshake as closed:",
        _LINE,
    ),
    Seed(
        "a silent WebSocket is waited for without a timeout",
        FAULTS,
        "chorus_line.py",
        "            async with asyncio.timeout(self._settings.timeout):\n",
        "            async with asyncio.timeout(None):\n",
        _LINE,
    ),
    Seed(
        "a refused WebSocket is not caught",
        FAULTS,
        "chorus_line.py",
        "except (OSError, InvalidHandshake, WebSocketException) as error:",
        "except InvalidHandshake as error:",
        _LINE,
    ),
    Seed(
        "a flag that may be absent is read",
        REPLAY,
        "actions/access.py",
        'organization.get("sharedToAllReadOnly") is True',
        'organization["sharedToAllReadOnly"] is True',
        _SHARED,
    ),
    Seed(
        "a member that may be absent is read (metadata of a profile)",
        REPLAY,
        "actions/profile_actions.py",
        '    metadata = row.get("metadata")\n',
        '    metadata = row["metadata"]\n',
        _PROFILE,
    ),
    Seed(
        "a role that is not known yet",
        SURVIVE,
        "actions/access.py",
        '_OF_ROLE.get(str(row.get("role")))',
        '_OF_ROLE[str(row["role"])]',
        _SHARED,
    ),
    Seed(
        "what is shared may be absent",
        SURVIVE,
        "actions/access.py",
        '    listed = organization.get("sharedResources")\n',
        '    listed = organization["sharedResources"]\n',
        _SHARED,
    ),
    Seed(
        "parameters of a voice that may be absent",
        SURVIVE,
        "actions/personality_actions.py",
        'voice_id, personality.get("voiceParameters"))',
        'voice_id, personality["voiceParameters"])',
        _VOICE,
    ),
    Seed(
        "a list that may be empty",
        SURVIVE,
        "chorus.py",
        "        if not isinstance(voices, list):\n",
        "        if not isinstance(voices, list) or not voices[0]:\n",
        _VOICES,
    ),
    Seed(
        "partial data with errors of GraphQL pass for whole",
        SURVIVE,
        "mesh.py",
        _CHECKED_DATA,
        _UNCHECKED_DATA,
        _GRAPHQL,
    ),
    Seed(
        "a status is not looked at",
        REPLAY,
        "chorus.py",
        "        if not response.is_success:\n",
        "        if response.is_server_error:\n",
        _UNKNOWN_VOICE,
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """
    The exit code of a command, and each finding in a line.
    """

    code: int
    findings: tuple[str, ...]


def copy_of_bot(folder: Path, seed: Seed | None = None) -> Path:
    """
    A project with the bot, with the mistake of *seed* where one is given.
    """
    for name in ("bot", "tests", "cassettes"):
        shutil.copytree(ROOT / name, folder / name, ignore=_LEFT_OUT)
    shutil.copy(ROOT / "pyproject.toml", folder)
    if seed is not None:
        file = folder / "bot" / seed.file
        file.write_text(with_mistake(file.read_text(encoding="utf-8"), seed), encoding="utf-8")
    return folder


def with_mistake(text: str, seed: Seed) -> str:
    """
    The *text* of the file of *seed* with its mistake.
    """
    assert text.count(seed.old) == 1, f"{seed.name}: {seed.file} has changed"
    changed = text.replace(seed.old, seed.new)
    if "replace(" in seed.new:
        changed = changed.replace(
            "from dataclasses import dataclass", "from dataclasses import dataclass, replace"
        )
    return changed


def tried(project: Path, tests: Sequence[str]) -> dict[str, Found]:
    """
    What each command finds; where a replay fails already, the others have nothing to try.
    """
    found = {REPLAY: run(REPLAY, project, tests)}
    if not found[REPLAY].code:
        found |= {command: run(command, project, tests) for command in COMMANDS[1:]}
    return found


def run(command: str, project: Path, tests: Sequence[str]) -> Found:
    paths = [f"tests/integration/{test}" for test in tests]
    if command == REPLAY:
        done = _python(project, "-m", "pytest", "-q", "-p", "no:randomly", "--record-mode=none", *paths)
        return Found(done.returncode, tuple(_failed(done.stdout)))
    done = _python(project, "-m", "taketwo", command, *paths, "--limit", "0", "--jobs", "1", "--json")
    told = json.loads(done.stdout) if done.stdout.startswith("{") else {"findings": []}
    if "so nothing was tried" in done.stderr:  # no contract describes what is said over a WebSocket
        return Found(0, ())
    assert done.returncode in {0, 1}, done.stderr
    return Found(done.returncode, tuple(_named(one) for one in told["findings"]))


def _failed(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]


def _named(finding: dict[str, Any]) -> str:
    if "what" in finding:
        return f"{finding['line']}: {finding['what']} ({finding['fault']}): {finding['detail']}"
    return f"{finding['file']}:{finding['line']}: {finding['error']}, {finding['permitted']}"


def _python(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**kept, "NO_COLOR": "1", "PYTHONPATH": str(project), "TAKETWO_CACHE": str(project / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )


def main(names: Sequence[str]) -> int:
    chosen = [seed for seed in SEEDS if not names or seed.name in names]
    missed = 0
    for seed in (None, *chosen):
        with tempfile.TemporaryDirectory() as folder:
            project = copy_of_bot(Path(folder), seed)
            every = tuple(dict.fromkeys(test for one in chosen for test in one.tests))
            found = tried(project, seed.tests if seed else every)
        finds = [command for command in found if found[command].code]
        missed += seed.by not in finds if seed else bool(finds)
        say(f"| {seed.name if seed else 'the bot as it is'} | {', '.join(finds) or 'nothing'} |")
        for command in finds:
            for line in found[command].findings:
                say(f"    {command}: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
