"""What the LLM may call."""
