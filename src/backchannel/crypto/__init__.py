"""The only code that touches a cryptographic library."""
