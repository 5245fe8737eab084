"""Benchmarks of science."""
