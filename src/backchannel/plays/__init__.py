"""Historical negotiations as data, played on real desks over a real relay."""
