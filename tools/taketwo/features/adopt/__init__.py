"""
``taketwo adopt``: what differs for a suite of VCR.py or pytest-recording that moves in.
"""
