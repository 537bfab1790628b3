"""Arithmetic on arrays: no names, no dates, no files. numpy and scipy only."""
