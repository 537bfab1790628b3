"""`ceasefire help` and `ceasefire completion`: what the parser knows, for people and for shells.

`help` also prints the pages of `docs/` that messages name, since a wheel has no repository around.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from evaluation.cli.studies import GOOD
from evaluation.cli.terminal import Add
from evaluation.errors import DataError, EnvironmentFault

SHELLS: Final = ("bash", "zsh", "tcsh")
# Pages of the documentation and their folders; a wheel holds them as `evaluation/cli/pages/`.
PAGES: Final = {
    "your-city": "docs/start",
    "panels": "docs/how-to",
    "fbi": "docs/how-to",
    "python": "docs/how-to",
    "public_data": "docs/how-to",
    "weeks": "docs/how-to",
}
_HERE: Final = Path(__file__).parent
Parser = Callable[[], argparse.ArgumentParser]


def add_help_verbs(add: Add, parser: Parser) -> None:
    """Defines both verbs.

    Parameters
    ----------
    add : makes a parser from a name, a function and a sentence. parser : the whole command.
    """
    one = add("help", lambda given: _help(given, parser()), "say what a verb does, or print a page")
    # The form `ceasefire help data fbi` is that of `data`, which tells all three.
    words = f"which (default: list them all), or one of the pages {', '.join(PAGES)}"
    one.add_argument("words", nargs="*", metavar="VERB", help=words)
    words = "print what makes a shell complete the words of ceasefire"
    one = add("completion", lambda given: _completion(given, parser()), words)
    one.add_argument("shell", choices=SHELLS)


def verbs_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parser of each verb, by name."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found.update(action.choices)
    return found


def _help(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if not arguments.words:
        parser.print_help()
        return GOOD
    verbs, name = verbs_of(parser), arguments.words[0]
    if name in PAGES and len(arguments.words) == 1:
        print(page(name), end="")
        return GOOD
    if name not in verbs or (len(arguments.words) > 1 and name != "data"):
        import difflib

        near = difflib.get_close_matches(name, [*verbs, *PAGES], 1)
        hint = f" Did you mean {near[0]!r}?" if near and near[0] != name else ""
        given = " ".join(arguments.words)
        raise DataError(
            f"ceasefire help {given}: no such verb or page.{hint} Verbs: "
            f"{', '.join(verbs)}. Pages: {', '.join(PAGES)}."
        )
    verbs[name].print_help()
    return GOOD


def page(name: str) -> str:
    """The text of a page of the documentation, of a wheel or of the repository."""
    inside = _HERE / "pages" / f"{name}.md"
    path = inside if inside.is_file() else _HERE.parents[1] / PAGES[name] / f"{name}.md"
    try:
        return path.read_text("utf-8")
    except OSError:
        raise EnvironmentFault(
            f"the page {name} did not come with this installation. Install the wheel again."
        ) from None


def _completion(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    try:
        import shtab
    except ModuleNotFoundError:
        raise EnvironmentFault(
            "completion needs the package 'shtab', which is not installed. Run `make install`, or: "
            "pip install shtab"
        ) from None
    for action in _takes_files(parser):
        action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(parser, arguments.shell), file=sys.stdout)
    return GOOD


def _takes_files(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for one in (parser, *verbs_of(parser).values()):
        yield from (
            action for action in one._actions if action.type is Path or action.metavar == "FILE"
        )
