"""From bytes to words: characters, markup, code and spelling, compiled."""
