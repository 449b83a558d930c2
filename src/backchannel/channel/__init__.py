"""The shared table: events, their log, members, and what they add up to."""
