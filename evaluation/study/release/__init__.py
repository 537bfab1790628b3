"""Disclosure control: what a study of people found, as it may be written.

The door is `release.released`: the whole evidence goes in, and what may leave the house comes out.
Counts of people are rounded or withheld (`withhold`), statistics are told to what that allows
(`rounding`, `effects`, `tables`), and `audit` attacks the result before anything is written.
"""
