"""The words that a renderer puts around a document, in each language a document may have."""

from __future__ import annotations

from collections.abc import Mapping

from evaluation.say import say

ENGLISH: Mapping[str, str] = {
    "skip": say("frame.skip-to-answer"),
    "site": say("frame.site"),
    "contents": say("frame.on-this-page"),
    "contents_pages": say("frame.contents"),
    "folded": say("frame.numbers-in-this-figure-as"),
    "figure": say("frame.figure"),
    "table": say("frame.table"),
    "numbers": say("frame.numbers-in-figures"),
    "numbers_of": say("frame.numbers-in-this-figure-table"),
    "page": say("frame.page-of"),
    "steps": say("frame.of-4-steps"),
    "colophon": say("frame.made-by-ceasefire-from-plan"),
    "standard": say("frame.this-file-was-made-to"),
    "item": say("frame.item"),
    "state": say("frame.state"),
    "says": say("frame.answer-or-reason"),
    "filled": say("frame.filled-in-from-plan-and"),
    "from evaluator": say("frame.answered-by-evaluator"),
    "not applicable": say("frame.does-not-apply"),
    "blank": say("frame.blank"),
}
SPANISH: Mapping[str, str] = {
    "skip": say("frame.ir-la-respuesta"),
    "site": say("frame.sitio"),
    "contents": say("frame.en-esta-p-gina"),
    "contents_pages": say("frame.contenido"),
    "folded": say("frame.los-n-meros-de-esta"),
    "figure": say("frame.figura"),
    "table": say("frame.tabla"),
    "numbers": say("frame.los-n-meros-de-las"),
    "numbers_of": say("frame.los-n-meros-de-esta-figura-tabla-p"),
    "page": say("frame.p-gina-de"),
    "steps": say("frame.de-4-pasos"),
    "colophon": say("frame.hecho-por-ceasefire-partir-de"),
    "standard": say("frame.este-archivo-se-hizo-seg"),
    "item": say("frame.punto"),
    "state": say("frame.estado"),
    "says": say("frame.respuesta-o-motivo"),
    "filled": say("frame.tomado-del-plan-y-de"),
    "from evaluator": say("frame.respondido-por-quien-eval"),
    "not applicable": say("frame.no-corresponde"),
    "blank": say("frame.en-blanco"),
}


def frame_words(lang: str) -> Mapping[str, str]:
    """The words around a document in a language such as "en-US".

    Raises
    ------
    ValueError : when there are none; half a page in another language helps nobody.
    """
    known = {"en": ENGLISH, "es": SPANISH}
    if lang.split("-")[0] not in known:
        raise ValueError(f"no words around a page for the language {lang!r}")
    return known[lang.split("-")[0]]
