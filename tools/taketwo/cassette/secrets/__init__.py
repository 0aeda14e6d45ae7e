"""
Secrets: where they are found, in every encoding, and what replaces them.
"""
