"""Nights: what is asked every night (night, cells), what its file says (config), what came of it (gate, outcome)."""
