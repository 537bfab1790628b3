"""A plan becomes evidence: the one room where data, design, methods and checks meet."""
