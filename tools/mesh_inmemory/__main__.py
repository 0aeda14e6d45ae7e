"""
``python -m mesh_inmemory``
"""

from mesh_inmemory.cli import main

raise SystemExit(main())
