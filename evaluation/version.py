"""The version of this program, told on pages and in locks: of the code that runs, whatever is
installed beside it."""

VERSION = "0.2.0"
