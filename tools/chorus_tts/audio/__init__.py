"""
What leaves the server: formats, and sound in the shape that they need.
"""
