"""Records of single incidents, counted into a panel that `ceasefire data` accepts."""
