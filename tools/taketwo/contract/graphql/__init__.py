"""
GraphQL contracts: schemas as text, and what changed between two.
"""
