"""Every figure of a run, as pure functions of arrays. Not here: which rows get them, and how they are shown."""
