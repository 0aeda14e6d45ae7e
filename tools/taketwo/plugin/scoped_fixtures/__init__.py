"""
Fixtures of wider scope than a test's: which ones tests request, and cassettes of their own for them.
"""
