"""Candidates for paraphrases, by pairs of content words or by embeddings, and who confirms them."""
