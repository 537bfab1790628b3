"""Records of single incidents, counted into a panel that `ceasefire data` accepts.

The door is `build.build_panel`; `recipe` is what its author writes.
"""
