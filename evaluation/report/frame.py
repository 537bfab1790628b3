"""The words that a renderer puts around a document, in each language a document may have."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "skip": "Skip to the answer",
    "site": "Site",
    "contents": "On this page",
    "contents_pages": "Contents",
    "folded": "The numbers in this figure, as a table",
    "figure": "Figure",
    "table": "Table",
    "numbers": "The numbers in the figures",
    "numbers_of": "The numbers in this figure: table {table}, page {page}.",
    "page": "Page {page} of {pages}",
    "steps": "{steps} of 4 steps",
    "colophon": (
        "Made by ceasefire from a plan and a table of outcomes. Every number here can be made "
        "again from both."
    ),
    "standard": (
        "This file was made to PDF/UA-1 rules, so that a screen reader can read it. It was not "
        "certified."
    ),
    "item": "Item",
    "state": "State",
    "says": "Answer or reason",
    "filled": "Filled in from plan and results",
    "from evaluator": "Answered by the evaluator",
    "not applicable": "Does not apply",
    "blank": "Blank",
}
SPANISH: Mapping[str, str] = {
    "skip": "Ir a la respuesta",
    "site": "Sitio",
    "contents": "En esta página",
    "contents_pages": "Contenido",
    "folded": "Los números de esta figura, en una tabla",
    "figure": "Figura",
    "table": "Tabla",
    "numbers": "Los números de las figuras",
    "numbers_of": "Los números de esta figura: tabla {table}, página {page}.",
    "page": "Página {page} de {pages}",
    "steps": "{steps} de 4 pasos",
    "colophon": (
        "Hecho por ceasefire a partir de un plan y una tabla de resultados. Con ambos se puede "
        "volver a calcular cada número que hay aquí."
    ),
    "standard": (
        "Este archivo se hizo según las reglas PDF/UA-1, para que un lector de pantalla pueda "
        "leerlo. No está certificado."
    ),
    "item": "Punto",
    "state": "Estado",
    "says": "Respuesta o motivo",
    "filled": "Tomado del plan y de los resultados",
    "from evaluator": "Respondido por quien evalúa",
    "not applicable": "No corresponde",
    "blank": "En blanco",
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
