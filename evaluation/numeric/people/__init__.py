"""People: time to an event, weights and matches."""
