"""
Calls of language models: as conversations that people read, and how many tokens they used.
"""
