"""
JSON Schema: the form in which two can be compared, and what changed between them.
"""
