"""Everything about coming into the open: what every side sealed, and how anyone checks it. Nothing here knows a room."""
