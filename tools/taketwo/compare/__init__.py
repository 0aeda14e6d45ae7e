"""
What differs between two recordings, as structure, as text side by side, and as sound.
"""
