"""Whom we can reach and why we trust the keys."""
