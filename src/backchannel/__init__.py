"""Backchannel: self-hosted software for negotiations that cannot yet be seen."""

__version__ = "0.1.0"
