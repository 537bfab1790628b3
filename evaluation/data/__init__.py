"""Outcome datasets: a table, its `dataset.toml`, and every fault in both found in one pass.

The door is `read`: `read_panel` for units by period, `read_records` for people and answers.
"""
