"""
Services: processes that a recording needs, from start to stop.
"""
