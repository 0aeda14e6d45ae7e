"""
What each step with one recording costs, from what came over the wire to the answers that a client gets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.content import whole
from taketwo.cassette.meaning import with_accepted_meaning
from taketwo.cassette.model import LiveRequest
from taketwo.cassette.record import make_cassette
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.secrets.scan import Scanner
from taketwo.cassette.stabilize import stabilize
from taketwo.cassette.store.read import read_cassette
from taketwo.cassette.text.format import load_tree
from taketwo.cassette.text.writer import dump_cassette
from taketwo.cassette.text.yaml_reader import load_yaml
from taketwo.cassette.vcrpy.read import load_vcrpy
from taketwo.cassette.vcrpy.write import vcrpy_json
from taketwo.compare.recordings import compare_cassettes
from taketwo.errors import CassetteError
from taketwo.playback.player import Player, play
from tests.benchmarks.inputs import Exchanges

STEPS = ("record", "write", "read", "replay", "miss", "record again", "compare", "scan", "read VCR.py's")

Step = tuple[str, Callable[[], object]]


def steps(exchanges: Exchanges, folder: Path) -> Iterator[Step]:
    """
    Each step with its name. They are to be called in turn: one uses what the one before it made.

    The cassette lies in *folder*, and what is compiled of it where ``TAKETWO_CACHE`` says.
    """
    path = folder / "a.yaml"
    redactor, bases = Redactor({"MY_TOKEN": "a-value-that-nobody-sent"}), BaseUrls({})
    recorded = make_cassette(exchanges, test="a", services={}, redactor=redactor, bases=bases)
    yield (
        "record",
        lambda: make_cassette(exchanges, test="a", services={}, redactor=redactor, bases=bases),
    )
    text = dump_cassette(recorded)
    path.write_bytes(text.encode("utf-8"))
    files = {name: whole(content) for name, content in attachments(recorded).items()}

    def attached(name: str, _size: int) -> bytes | None:
        return files.get(name)

    for name, content in files.items():
        path.with_name(name).write_bytes(content)
    yield "write", lambda: dump_cassette(recorded)
    # Past the compiled form, which is kept in memory too.
    yield "read", lambda: load_tree(load_yaml(text, name="a"), name="a", attached=attached)
    accepted = read_cassette(path)
    assert accepted is not None

    def player() -> Player:
        return play(accepted, name="a", test="a", redactor=redactor, reveal={}, bases=bases)

    yield "replay", lambda: replay(player(), exchanges)
    yield "miss", lambda: player().refuse(unknown(exchanges))
    yield "record again", lambda: with_accepted_meaning(accepted, stabilize(accepted, recorded))
    yield "compare", lambda: compare_cassettes(accepted, recorded)
    scanner = Scanner([])
    yield "scan", lambda: scanner.scan(text.encode("utf-8"), name="a.yaml", attached=attached)
    with suppress(CassetteError):  # their JSON holds no binary bodies
        theirs = vcrpy_json(recorded)
        yield "read VCR.py's", lambda: load_vcrpy(theirs, name="a")


def replay(player: Player, exchanges: Exchanges) -> int:
    """
    Ask for every interaction, and give the size of all answers.
    """
    numbers = [player.take(exchange.request) for exchange in exchanges]
    return sum(len(player.replay.response(number).body) for number in numbers if number is not None)


def unknown(exchanges: Exchanges) -> LiveRequest:
    """
    A request that is like the last one, and is not recorded.
    """
    last = exchanges[-1].request
    return LiveRequest(method=last.method, url=f"{last.url}/unknown", headers=last.headers, body=last.body)
