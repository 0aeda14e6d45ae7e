"""
Speech to text behind OpenAI's API: faster-whisper, with weights that come in a package.
"""
