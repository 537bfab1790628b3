"""Arithmetic on arrays: no names, no dates, no files.

Shelves, a file a model: `shared` (regressions, draws), `series`, `panel`, `people`, `survey`,
`meta`. There is no door: each function is asked for by its file.
"""
