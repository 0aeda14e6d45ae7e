"""
From text to phonemes.
"""
