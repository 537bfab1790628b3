"""Outcome datasets: a table, its `dataset.toml`, and every fault in both found in one pass."""
