"""JSON that the program wrote: where each key stands, and what it would never write."""

from __future__ import annotations

import pytest

from evaluation.data.json_places import LocatedJson, first_difference
from evaluation.errors import DataError


def test_every_key_of_json_has_its_place():
    text = '{\n "a": [1, {"b": "x,{\\"c\\": 2}", "é": 3}],\n "d": {"e": null, "f": {}}}\n'
    found = LocatedJson("x.json", text, DataError).places
    assert found == {
        ("a",): (2, 2),
        ("a", 1, "b"): (2, 12),
        ("a", 1, "é"): (2, 33),
        ("d",): (3, 2),
        ("d", "e"): (3, 8),
        ("d", "f"): (3, 19),
    }
    # The lines hold what is said to stand there.
    lines = text.split("\n")
    for path, (line, column) in found.items():
        assert lines[line - 1][column - 1 :].startswith(f'"{path[-1]}"')


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1,\n "b": {"c": 1, "c": 2}}', "x.json:2:16: c: stands twice"),
        ('{"a": 1, "b": [{"a": 1}, {"a": 1}]}', ""),
        ('{"a":\n  NaN}', "x.json:2:3: NaN is no number of JSON"),
        ('{"a": -Infinity}', "x.json:1:7: -Infinity is no number of JSON"),
        ("[1]", "x.json:1:1: must be an object"),
        ("", "x.json:1:1: not valid JSON"),
    ],
)
def test_what_the_program_would_not_write_is_told_at_its_place(text, says):
    if not says:
        assert LocatedJson("x.json", text, DataError).content
        return
    with pytest.raises(DataError) as raised:
        LocatedJson("x.json", text, DataError)
    assert str(raised.value).startswith(says)


def test_a_mark_before_the_text_is_told():
    with pytest.raises(DataError, match="x:1:1: begins with a byte order mark"):
        LocatedJson("x", "\ufeff{}", DataError)


def test_the_first_sign_that_differs_is_told():
    assert first_difference("x", "a\nb", "a\nb") is None
    assert str(first_difference("x", "a\nbc", "a\nbd")) == "x:2:2: is not as this version writes it"
    assert str(first_difference("x", "a", "a\n")) == "x:1:2: is not as this version writes it"
