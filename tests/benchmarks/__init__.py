"""
taketwo measured beside its peers: ``python -m tests.benchmarks``.
"""
