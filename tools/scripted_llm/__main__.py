"""
``python -m scripted_llm``
"""

from scripted_llm.cli import main

raise SystemExit(main())
