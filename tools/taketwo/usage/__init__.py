"""
Usage: what recordings use of the contracts of the services, and where they contradict them.
"""
