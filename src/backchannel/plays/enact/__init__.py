"""Plays rows as the acts of people at their desks, one module a family of rows."""
