"""Contamination without the corpus: what a model says of items that it may have seen, held against fresh ones."""
