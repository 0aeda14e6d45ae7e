"""
Volatile values: detected, replaced by placeholders, and generated again for a replay.
"""
