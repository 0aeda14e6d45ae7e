"""
``python tools/refresh_cassettes.py``: contract check, selective recording, difference, review.
"""

from __future__ import annotations

import sys

from taketwo.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["refresh", *sys.argv[1:]], prog="python tools/refresh_cassettes.py"))
