"""The words of an answer and of the front page: one file a language, with the same keys."""
