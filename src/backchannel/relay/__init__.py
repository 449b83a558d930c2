"""The blind server."""
