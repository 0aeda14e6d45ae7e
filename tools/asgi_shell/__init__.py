"""
What the servers in this folder need to run as a process: an address, a parent to end with, HTTP by uvicorn.
"""
