"""
OpenAPI contracts: operations by coordinate, and what changed between two documents.
"""
