"""What each figure shows, as a block; drawn by `evaluation.plots`."""
