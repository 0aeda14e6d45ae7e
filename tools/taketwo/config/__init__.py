"""
``[tool.taketwo]`` of a project's ``pyproject.toml``, read once into frozen values.
"""

from __future__ import annotations

from taketwo.config.checks import Check
from taketwo.config.contract import ContractConfig
from taketwo.config.conversations import Manner, Pace, manner_of_test
from taketwo.config.playback import Order, Playback, Unplayed, playback_of_test
from taketwo.config.project import Config, load_config, parse_config
from taketwo.config.services import ContractPaths, ServiceConfig, Switches

__all__ = [
    "Check",
    "Config",
    "ContractConfig",
    "ContractPaths",
    "Manner",
    "Order",
    "Pace",
    "Playback",
    "ServiceConfig",
    "Switches",
    "Unplayed",
    "load_config",
    "manner_of_test",
    "parse_config",
    "playback_of_test",
]
