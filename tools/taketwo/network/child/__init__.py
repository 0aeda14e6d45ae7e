"""
What child processes of a test load as they start: ``sitecustomize`` in Python, ``preload.cjs`` in Node.js.

Nothing here imports the rest of the toolkit.
"""
