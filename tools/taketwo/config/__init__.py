"""
``[tool.taketwo]`` of a project's ``pyproject.toml``, read once into frozen values.
"""
