"""What an author plans; the door is `read.read_plan`.

`schema` has the keys, `tables` and `told` their tables; `words` says a plan in plain words.
"""
