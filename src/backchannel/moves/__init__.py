"""What can be said: one file per move, none knows another."""
