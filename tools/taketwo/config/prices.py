"""
What the tokens of language models cost: ``[tool.taketwo.prices]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from taketwo.config.tables import Table

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """
    For a million tokens of the models whose names match *models*, such as ``gpt-4o*``.
    """

    models: str
    sent: float
    received: float

    def of(self, sent: int, received: int) -> float:
        return (sent * self.sent + received * self.received) / _MILLION


def read_prices(tables: dict[str, Table]) -> tuple[Price, ...]:
    """
    The prices of a project, the most exact name first.
    """
    prices = [
        Price(name, table.take("input", amount, 0.0), table.take("output", amount, 0.0))
        for name, table in tables.items()
    ]
    return tuple(sorted(prices, key=lambda price: ("*" in price.models, -len(price.models), price.models)))


def price_of(model: str, prices: tuple[Price, ...]) -> Price | None:
    return next((price for price in prices if fnmatchcase(model, price.models)), None)


def amount(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise ValueError("a number that is not negative")
