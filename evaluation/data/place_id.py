"""The id of a place, by which studies, recorded facts and published results are matched.

Names do not tell places apart: Oakland Park is not Oakland, and there are several Oaklands. An id
is the code of the country (ISO 3166-1), that of the state or province (ISO 3166-2 without the
country), and the name, all in small letters and with hyphens: us-ca-oakland, gb-sct-glasgow. Of two
places of one name in a state the id has the county too: us-pa-washington-greene.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_FORM = re.compile(r"[a-z]{2}-[a-z0-9]{1,3}-[a-z0-9]+(?:-[a-z0-9]+)*")


def place_fault(written: str) -> str:
    """Why this is no id of a place; "" when it is one.

    Examples
    --------
    >>> place_fault("us-ca-oakland"), place_fault("Oakland")[:28]
    ('', "'Oakland' is no id of a plac")
    """
    if _FORM.fullmatch(written):
        return ""
    return (
        f"{written[:60]!r} is no id of a place. Write country, state and name in small "
        'letters a to z and digits, with hyphens between them, such as "us-ca-oakland".'
    )


def _checked(written: str) -> str:
    if message := place_fault(written):
        raise ValueError(message)
    return written


PlaceId = Annotated[str, AfterValidator(_checked)]
