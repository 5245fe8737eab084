"""The contamination scanner: benchmarks are indexed once, the corpus is streamed once."""
