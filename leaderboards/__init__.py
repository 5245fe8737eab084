"""The static leaderboard site: board definitions, templates and assets."""
