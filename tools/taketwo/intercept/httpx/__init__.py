"""
httpx.
"""
