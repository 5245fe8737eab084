"""From an index of benchmark items to levels: which n-grams meet, where, and what they amount to."""
