"""
``taketwo init``: the first configuration of a project.
"""
