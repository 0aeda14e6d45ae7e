"""
``taketwo show``.
"""

from __future__ import annotations

import argparse

from taketwo.console.command import CLEAN, Command, add_json
from taketwo.console.project import load
from taketwo.console.terminal import Terminal
from taketwo.errors import TakeTwoError
from taketwo.features.chat.render import described_dialogue, dialogue_parts
from taketwo.report.render.cassette import ShownParts, cassette_json, cassette_parts


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="cassettes; a pending recording is <name>.yaml.new"
    )
    parser.add_argument(
        "--interaction", type=int, metavar="N", help="show only this interaction (the first is 1)"
    )
    parser.add_argument(
        "--conversation",
        type=int,
        metavar="N",
        help="show only this conversation, with every audio frame (the first is 1)",
    )
    parser.add_argument(
        "--raw", action="store_true", help="show calls of language models as HTTP, not as a conversation"
    )
    add_json(parser)


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    cassettes = {path: load(path) for path in options.paths}
    only = ShownParts(interaction=options.interaction, conversation=options.conversation)
    for path, cassette in cassettes.items():
        _check_number(path, "interaction", options.interaction, len(cassette.interactions))
        _check_number(path, "conversation", options.conversation, len(cassette.conversations))
    if options.json:
        terminal.json(
            [
                cassette_json(path, one, only=only, described=described_dialogue)
                for path, one in cassettes.items()
            ]
        )
        return CLEAN
    for index, (path, one) in enumerate(cassettes.items()):
        if index:
            terminal.say("")
        in_words = {} if options.raw else {"in_words": dialogue_parts}
        terminal.show(cassette_parts(path, one, only=only, **in_words))
    return CLEAN


def _check_number(path: str, kind: str, number: int | None, count: int) -> None:
    if number is not None and not 1 <= number <= count:
        numbers = f"its {kind}s are 1 to {count}" if count else "it holds none"
        raise TakeTwoError(f"{path} has no {kind} {number}; {numbers}")


COMMAND = Command(
    description="""\
Print cassettes as readable HTTP: for each interaction the request line, the headers and the body, then the
same of the response. On a terminal, bodies are highlighted. A conversation over a WebSocket is shown frame by
frame: -> was sent, <- was received. Audio that came in many frames is one line, with its file and its length.
A call of a language model (chat completions, responses, messages, Gemini) is a conversation: who says what,
which tools are called, how many tokens that took; --raw shows its bodies instead.
""",
    examples="""\
  %(prog)s cassettes/test_pages/test_a_page_is_read_back.yaml
  %(prog)s cassettes/test_pages/test_a_page_is_read_back.yaml --interaction 2
  %(prog)s cassettes/test_speech/test_a_sentence.yaml --conversation 1
  %(prog)s cassettes/test_pages/*.yaml --json | jq '.[].interactions[].response.status'
""",
    exit_codes="""\
  0  fine
  3  could not run: there is no such cassette, or it is damaged
""",
    arguments=_arguments,
    run=_run,
)
