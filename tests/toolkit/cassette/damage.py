"""
Cassette files that somebody or something has damaged, made by dice, and what reading each of them comes to.

``python -m tests.toolkit.cassette.damage COUNT SEED FOLDER`` prints what became of them, as JSON.
"""

from __future__ import annotations

import json
import random
import re
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.content import whole
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Conversation,
    Direction,
    Frame,
    Interaction,
    JsonBody,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.vcrpy.write import vcrpy_text
from taketwo.errors import CassetteError

_MEMORY = 1024**3
_HANGS_AFTER = 20.0  # seconds of a machine that others use too; the slowest is told
_SCALAR = re.compile(rb"(?<=: )[^\n]+$", re.MULTILINE)
_CANARY = "canary"

Mutilate = Callable[[bytes, random.Random], bytes]


def _files(cassette: Cassette) -> dict[str, bytes]:
    return {name: whole(content) for name, content in attachments(cassette).items()}


def whole_files() -> list[tuple[str, bytes, dict[str, bytes]]]:
    """
    Sound cassettes of each form: a name, the text, and the files beside it.
    """
    request = StoredRequest(
        method="POST",
        url="http://a.test/<uuid:1>",
        query=(("q", "a b"), ("at", "<time:1>")),
        headers=(("content-type", "application/json"),),
        body=JsonBody({"a": [1, 2.5, None, True], "b": {"c": "<counter:1>"}, "long": "x" * 200}),
    )
    answers: list[Body] = [
        JsonBody({"data": [{"id": f"<uuid:{number}>", "n": number} for number in range(9)]}),
        TextBody("one\ntwo  \n\n\tthree: four\n"),
        BinaryBody(bytes(range(256)) * 20),
        None,
    ]
    mixed = Cassette(
        test="tests/test_a.py::test_a[ü]",
        services={"notes": "0123456789ab"},
        seed=7,
        interactions=tuple(
            Interaction(request, StoredResponse(status=200, headers=(("etag", '"<etag:1>"'),), body=body))
            for body in answers
        ),
    )
    spoken = Cassette(
        test="tests/test_a.py::test_b",
        conversations=(
            Conversation(
                request=StoredRequest(method="GET", url="ws://a.test/"),
                response=StoredResponse(status=101),
                frames=(
                    Frame(direction=Direction.SEND, at=0, body=JsonBody({"say": "hi"})),
                    Frame(direction=Direction.RECEIVE, at=5, body=BinaryBody(b"\x00" * 60), is_binary=True),
                ),
            ),
        ),
    )
    theirs = vcrpy_text(mixed)
    as_json = json.dumps({"version": 1, "interactions": [_theirs(number) for number in range(3)]})
    return [
        ("mixed.yaml", dump_cassette(mixed).encode(), _files(mixed)),
        ("spoken.yaml", dump_cassette(spoken).encode(), _files(spoken)),
        ("theirs.yaml", theirs.encode(), {}),
        ("theirs.json", as_json.encode(), {}),
    ]


def _theirs(number: int) -> dict[str, object]:
    return {
        "request": {"method": "GET", "uri": f"http://a.test/{number}", "headers": {}, "body": None},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "{}"}},
    }


def flip_bits(content: bytes, dice: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(dice.choice([1, 1, 2, 8, 64])):
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
    return bytes(damaged)


def truncate(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content))]


def splice(content: bytes, dice: random.Random) -> bytes:
    """
    A piece is left out, said twice, or stands elsewhere.
    """
    start, end = sorted(dice.randrange(len(content)) for _ in range(2))
    piece, at = content[start:end], dice.randrange(len(content))
    rest = content[:start] + content[end:]
    return dice.choice([rest, content[:at] + piece + content[at:], rest[:at] + piece + rest[at:]])


def nest(content: bytes, dice: random.Random) -> bytes:
    depth = dice.choice([50, 101, 5_000, 200_000])
    opening, closing = dice.choice([(b"[", b"]"), (b"{a: ", b"}"), (b"- ", b""), (b"? ", b"")])
    closed = closing * depth if dice.random() < 0.5 else b""
    return _in_a_scalar(content, dice, opening * depth + b"1" + closed)


def tag(content: bytes, dice: random.Random) -> bytes:
    tags = [
        f"!!python/object/apply:os.system ['touch {_CANARY}']",
        f"!!python/object/apply:pathlib.Path.touch [{_CANARY}]",
        f"!!python/object/new:subprocess.Popen [['touch', '{_CANARY}']]",
        "!!python/name:os.system",
        "!!binary '=='",
        "!!int 'x'",
        "!!timestamp '2026-13-45'",
        "!!set {a, b}",
        "!!omap [a: 1]",
        "!unknown x",
        "!<tag:yaml.org,2002:python/tuple> [1]",
        "!!float '.inf'",
    ]
    return _in_a_scalar(content, dice, dice.choice(tags).encode())


def alias(content: bytes, dice: random.Random) -> bytes:
    laughs = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    choices = [
        b"&a [*a]",
        b"*nobody",
        b"&a {b: *a}",
        b"&a x",
        f"&l0 ha\n{laughs}last: *l11".encode(),
    ]
    return _in_a_scalar(content, dice, dice.choice(choices))


def retype(content: bytes, dice: random.Random) -> bytes:
    others = [
        "null",
        "[]",
        "{}",
        "true",
        "-1",
        "1.5",
        "''",
        "x",
        "~",
        "[[[]]]",
        "2026-01-01",
        "0x1F",
        "<<: *a",
    ]
    return _in_a_scalar(content, dice, dice.choice(others).encode())


def enlarge(content: bytes, dice: random.Random) -> bytes:
    numbers = [
        "9" * 5_000,
        "1e999999",
        "-1e-999999",
        "0x" + "f" * 9_000,
        "1_" * 3_000,
        "9" * 20,
        "1:" * 999 + "1",
    ]
    return _in_a_scalar(content, dice, dice.choice(numbers).encode())


def encode_otherwise(content: bytes, dice: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    odd = ["\x00", "\ufeff", "\u2028", "\x85", "\ud7ff", "\x1b[31m", "\t", "\r", "\U0010ffff", "\u202e"]
    at = dice.randrange(len(text))
    choices = [
        text.encode("utf-16"),
        text.encode("utf-16-le"),
        text.encode("utf-32"),
        text.encode("latin-1", "replace"),
        b"\xef\xbb\xbf" + content,
        (text[:at] + dice.choice(odd) + text[at:]).encode(),
        text.replace("\n", "\r\n").encode(),
        content[:at] + bytes([dice.randrange(128, 256)]) + content[at:],
        b"\x1f\x8b" + content,
        b"",
    ]
    return dice.choice(choices)


def _in_a_scalar(content: bytes, dice: random.Random, value: bytes) -> bytes:
    """
    *value* in the place of something that the file says.
    """
    places = list(_SCALAR.finditer(content))
    if not places:
        at = dice.randrange(len(content))
        return content[:at] + value + content[at:]
    place = dice.choice(places)
    return content[: place.start()] + value + content[place.end() :]


WAYS: tuple[Mutilate, ...] = (
    flip_bits,
    truncate,
    splice,
    nest,
    tag,
    alias,
    retype,
    enlarge,
    encode_otherwise,
)


class _Hangs(BaseException):
    pass


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise _Hangs


def read_one(path: Path) -> str:
    """
    ``loaded``, ``refused``, or what went wrong.
    """
    try:
        read_cassette(path)
    except CassetteError as error:
        return "refused" if path.name in str(error) else f"an error without the file: {error}"
    except _Hangs:
        return "it hangs"
    except Exception as error:  # noqa: BLE001 - that there is none is what is shown
        return f"{type(error).__name__}: {str(error)[:200]}"
    return "loaded"


def mutilate(count: int, seed: int, folder: Path) -> dict[str, object]:
    dice = random.Random(seed)  # noqa: S311 - no secret
    sound = whole_files()
    became = {"loaded": 0, "refused": 0}
    failures: list[str] = []
    slowest = (0.0, "")
    for number in range(count):
        way = WAYS[number % len(WAYS)]
        name, content, files = sound[dice.randrange(len(sound))]
        damaged = way(content, dice)
        for file, inside in files.items():
            (folder / file).write_bytes(inside if dice.random() < 0.9 else flip_bits(inside, dice))
        path = folder / name
        path.write_bytes(damaged)
        started = time.process_time()
        signal.setitimer(signal.ITIMER_REAL, _HANGS_AFTER)
        outcome = read_one(path)
        signal.setitimer(signal.ITIMER_REAL, 0)
        slowest = max(slowest, (time.process_time() - started, f"{number}: {way.__name__} of {name}"))
        if outcome in became:
            became[outcome] += 1
        else:
            failures.append(f"{number}: {way.__name__} of {name}: {outcome}")
    if Path(_CANARY).exists():
        failures.append("code ran")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {**became, "failures": failures, "slowest": slowest, "peak MiB": peak}


def main() -> None:
    count, seed, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.signal(signal.SIGALRM, _hang)
    sys.stdout.write(json.dumps(mutilate(count, seed, folder)))


if __name__ == "__main__":
    main()
