"""The desk in the browser: pages of one person's desk, served to this machine alone (docs/spec/pages.md)."""
