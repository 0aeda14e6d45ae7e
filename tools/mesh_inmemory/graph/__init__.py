"""
GraphQL over the rows.
"""
