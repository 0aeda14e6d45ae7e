"""
Cassettes of VCR.py: read where they are, written for it, and converted.
"""

from __future__ import annotations

from taketwo.cassette.vcrpy.read import load_vcrpy
from taketwo.cassette.vcrpy.write import vcrpy_text

__all__ = ["load_vcrpy", "vcrpy_text"]
