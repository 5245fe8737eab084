"""Benchmarks of code."""
