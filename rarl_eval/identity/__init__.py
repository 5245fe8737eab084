"""Whose answer is a recorded row? Decided by all that it carries; not here: reading files, and judging answers."""
