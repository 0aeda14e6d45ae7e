"""
The tokens that recordings used, and what they cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from taketwo.cassette.model import Cassette, JsonValue
from taketwo.config.prices import Price, price_of
from taketwo.features.chat.dialogue import Tokens
from taketwo.features.chat.read import dialogue_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """
    *calls* of models with their *tokens*; *cost* is that of those whose price is known, None where none is.
    """

    calls: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    cost: float | None = None

    def __add__(self, other: Ledger) -> Ledger:
        costs = [each.cost for each in (self, other) if each.cost is not None]
        return Ledger(
            calls=self.calls + other.calls,
            tokens=self.tokens + other.tokens,
            cost=sum(costs) if costs else None,
        )


def ledger_of(cassettes: Iterable[Cassette], prices: tuple[Price, ...] = ()) -> Ledger:
    """
    What the recordings of *cassettes* used.
    """
    found = Ledger()
    for dialogue in (dialogue_of(item) for cassette in cassettes for item in cassette.interactions):
        if dialogue is None:
            continue
        tokens = dialogue.tokens or Tokens()
        price = price_of(dialogue.model, prices)
        cost = None if price is None else price.of(tokens.sent, tokens.received)
        found += Ledger(calls=1, tokens=tokens, cost=cost)
    return found


def ledger_text(ledger: Ledger) -> str:
    """
    One line: ``3 calls of models, 120 tokens in, 80 out, 0.0021``.
    """
    calls = "1 call of a model" if ledger.calls == 1 else f"{ledger.calls:,} calls of models"
    cost = "" if ledger.cost is None else f", at {ledger.cost:.4f}"
    return f"{calls}, {ledger.tokens.sent:,} tokens in, {ledger.tokens.received:,} out{cost}"


def ledger_json(ledger: Ledger) -> dict[str, JsonValue]:
    return {
        "calls": ledger.calls,
        "input": ledger.tokens.sent,
        "output": ledger.tokens.received,
        "cost": ledger.cost,
    }
