"""What each command does: a function of an open desk, the arguments and the time; no sockets, no terminal.

What a person is asked is in desk/preparing.py, reaching an open desk in desk/asking.py and desk/own_door.py.
"""
