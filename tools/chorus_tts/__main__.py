"""
``python -m chorus_tts``
"""

from chorus_tts.cli import main

raise SystemExit(main())
