"""What each figure shows, as a block; drawn by `evaluation.plots`.

The door is `figures`, of every study; `check_figures` has the pictures of checks.
"""
