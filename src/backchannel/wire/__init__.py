"""What travels, as bytes, and nothing about why."""
