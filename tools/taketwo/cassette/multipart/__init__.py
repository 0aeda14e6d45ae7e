"""
Multipart bodies: their parts, the encodings of these, and what decides whether two bodies are equal.
"""
