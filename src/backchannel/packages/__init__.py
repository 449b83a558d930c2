"""Packages: what could be agreed as a whole, what each is worth to one side, and the search for one that all accept."""
