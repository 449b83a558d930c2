"""What each command does: a function of an open desk, the arguments and the time; no sockets, no terminal.

Interactive parts and files belong to desk/client.py, reaching a desk to desk/doors.py.
"""
