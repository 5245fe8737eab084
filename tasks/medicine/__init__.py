"""Benchmarks of medicine."""
