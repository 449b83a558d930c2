"""One person's machine."""
