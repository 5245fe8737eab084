"""Benchmarks, one file each: where the rows come from, how a row becomes an Item, how an answer is judged."""
