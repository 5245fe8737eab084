"""Benchmarks of math."""
