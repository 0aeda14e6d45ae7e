"""
The small voice's neural networks, computed with :mod:`chorus_tts.arithmetic` alone.
"""
