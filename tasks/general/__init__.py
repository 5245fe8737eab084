"""Benchmarks of no shipped domain."""
