"""Benchmarks of finance."""
