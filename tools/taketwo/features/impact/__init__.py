"""
``taketwo impact``: what a proposed contract would change for the recordings.
"""
