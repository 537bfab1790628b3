"""Files as the program reads, writes and deletes them: in the project, whole or not at all.

The door is `writing.py`, where every file is written; `reading.py` is where every file is read.
"""

from evaluation.files.lacking import lacks
from evaluation.files.places import followed, inside, project_around, shown_from
from evaluation.files.reading import ANY_SIZE, content_of, decoded, opened, refuse_lacking, text_of
from evaluation.files.together import JOURNAL, put_together
from evaluation.files.turn import FILE, leftovers, scratch, sweep, turn, turn_for
from evaluation.files.writing import (
    draft_of,
    is_part,
    make_folder,
    replaced,
    unwritten,
    write_atomically,
)

__all__ = [
    "ANY_SIZE",
    "FILE",
    "JOURNAL",
    "content_of",
    "decoded",
    "draft_of",
    "followed",
    "inside",
    "is_part",
    "lacks",
    "leftovers",
    "make_folder",
    "opened",
    "project_around",
    "put_together",
    "refuse_lacking",
    "replaced",
    "scratch",
    "shown_from",
    "sweep",
    "text_of",
    "turn",
    "turn_for",
    "unwritten",
    "write_atomically",
]
