"""
A scripted stand-in for a language model behind OpenAI's API: no model, only lines of a script.
"""
