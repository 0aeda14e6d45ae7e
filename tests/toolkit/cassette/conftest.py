"""
How properties are tried: the same examples in every run, in whatever time a busy machine takes.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "taketwo", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("taketwo")
