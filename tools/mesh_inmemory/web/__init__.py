"""
The HTTP surface: paths, queries, bodies, answers and the endpoints of the REST API.
"""
