"""
/graphql
"""

from __future__ import annotations


def graphql_endpoints(mesh):
    return ()
