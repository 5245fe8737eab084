"""Benchmarks that span several domains."""
