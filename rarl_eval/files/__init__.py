"""Files: rows of any common format read, whole files and folders written, foreign text made harmless."""
