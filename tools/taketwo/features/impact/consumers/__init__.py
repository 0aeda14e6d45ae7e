"""
``taketwo contract export`` and ``taketwo can-i-change``: what a suite needs of a service, and what a change
of the service would do to several such suites.
"""
