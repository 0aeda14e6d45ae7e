"""
Recorded GraphQL, read by its schema.
"""
