"""Corpora: shards and documents read, and written again without what was found."""
