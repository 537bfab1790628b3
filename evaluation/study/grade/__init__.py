"""How sure the evidence is; the door is `grade.grade`."""
