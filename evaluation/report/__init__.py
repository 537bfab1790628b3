"""Evidence becomes words and pictures; no number is made here."""
