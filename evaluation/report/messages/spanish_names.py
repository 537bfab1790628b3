"""Names of programs, outcomes and units in Spanish."""

from __future__ import annotations

# Names that need no translation, or have a usual one; what a plan says in `[es]` comes first.
LABELS: dict[str, str] = {
    "Ceasefire": "Ceasefire",
    "Operation Ceasefire": "la Operación Ceasefire",
    "the program": "el programa",
    "the call-in": "la reunión de aviso",
    "call-ins": "las reuniones de aviso",
    "homicides": "los homicidios",
    "gun homicides": "los homicidios con arma de fuego",
    "youth homicides": "los homicidios de jóvenes",
    "murders": "los asesinatos",
    "robberies": "los robos con violencia",
    "gun assaults": "las agresiones con arma de fuego",
    "aggravated assaults of all kinds": "las agresiones agravadas de todo tipo",
    "shootings": "los tiroteos",
    "non-fatal shootings": "los tiroteos no mortales",
    "nonfatal shootings": "los tiroteos no mortales",
    "shootings cleared": "los tiroteos resueltos",
    "violent incidents": "los incidentes violentos",
    "uses of force": "los usos de la fuerza",
    "complaints about police": "las quejas sobre la policía",
    "911 calls for gunshots": "las llamadas al 911 por disparos",
    "anonymous tips": "los avisos anónimos",
    "arrest": "el riesgo de arresto",
    "violent arrest": "el riesgo de arresto por un delito violento",
    "shooting of the person": "el riesgo de recibir un disparo",
    "days incarcerated": "los días de encarcelamiento",
    "legitimacy": "la legitimidad de la policía",
    "procedural justice": "la justicia en el trato",
    "trust": "la confianza",
    "trust in the police": "la confianza en la policía",
    "cooperation": "la cooperación",
}
# What a count of units is made of.
UNITS: dict[str, str] = {
    "units": "unidades",
    "people": "personas",
    "neighborhoods": "vecindarios",
    "places": "lugares",
    "cities": "ciudades",
    "groups": "grupos",
    "days": "días",
    "months": "meses",
    "years": "años",
}
