"""Reads what a case must show off the kept desks, one module a family of words."""
