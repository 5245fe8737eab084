"""What scans and probes found, read back from their folders. Not here: how it was found (contamination)."""
