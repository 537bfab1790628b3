"""A ready-made table that nothing describes yet: its `dataset.toml` guessed, for its author.

The door is `guess.guess`: a file in, what it may be and what looks suspicious out.
"""
