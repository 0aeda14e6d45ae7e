"""
Services: processes that a recording needs, from start to stop.
"""

from __future__ import annotations

from taketwo.services.service import Service, external_url

__all__ = ["Service", "external_url"]
