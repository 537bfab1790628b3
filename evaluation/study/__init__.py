"""A plan becomes evidence: the one room where data, design, methods and checks meet.

The door is `run.run`, the loop over outcomes; `design` is the shape of a design, and `designs` has
the four. Shelves: `plan` (what an author plans), `build` (what an estimator takes), `grade`,
`power`, `release` (what may be written).
"""
