"""The words in Spanish, by key: plain, as written in the United States and Mexico.

A label comes with its article ("los homicidios"), or in English between « ». So no sentence
may depend on its gender or number: nothing agrees with a label or with the name of an intervention.
"""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    # The answer about one outcome: was it below or above what was expected, and was it the program?
    "answer.off": (
        "En {subject}, el resultado quedó {size} {side} de {expected} (rango: de {near} a {far}), "
        "lo cual es {judged}. {program}"
    ),
    "answer.unclear": (
        "En {subject}, no podemos saber si el resultado quedó por debajo o por encima de "
        "{expected} (mejor estimación: {best}; rango: {between}). Por eso los datos no dicen si "
        "algo mejoró, empeoró o siguió igual debido a {intervention}."
    ),
    "answer.small": (
        "En {subject}, el resultado quedó a menos de {margin} de {expected} (mejor estimación: "
        "{best}; rango: {between}). {program}"
    ),
    "answer.refused": (
        "No podemos saber si hubo un cambio en {label} debido a {intervention}: {why}."
    ),
    "answer.refused.all": "ninguna estimación es válida con estos datos",
    "answer.refused.some": (
        "la estimación prevista no es válida con estos datos, aunque otras sí lo son"
    ),
    "side.below": "por debajo",
    "side.above": "por encima",
    "judged.better": "mejor",
    "judged.worse": "peor",
    "subject.risk": "el riesgo de {event}",
    "subject.rate": "la tasa de {event}",
    "subject.days": "los días sin {event}",
    "risk": "riesgo",
    "expected.by.plain": "lo esperado",
    "expected.by.years": "lo que hacían esperar los años anteriores",
    "expected.by.time": "lo que hacía esperar el tiempo anterior",
    "expected.by.comparison": "lo que hacía esperar la comparación",
    "expected.by.people": "lo que hacían esperar personas parecidas",
    "expected.by.answers": "lo que hacían esperar las respuestas de otros lugares",
    "program.high": "Es muy probable que se deba a {intervention}.",
    "program.moderate": "Probablemente se debe a {intervention}, aunque no es seguro{why}.",
    "program.low": "Es posible que se deba a {intervention}, pero no estamos seguros{why}.",
    "program.very low": "No estamos seguros de que se deba a {intervention}{why}.",
    "program.why": ": {doubts}",
    "small.high": (
        "Así que la diferencia debida a {intervention} fue demasiado pequeña para importar, según "
        "el plan."
    ),
    "small.moderate": (
        "Así que la diferencia debida a {intervention} probablemente fue demasiado pequeña para "
        "importar, según el plan."
    ),
    "small.low": (
        "Es posible que la diferencia debida a {intervention} sea demasiado pequeña para importar, "
        "pero no estamos seguros{why}."
    ),
    "small.very low": (
        "No estamos seguros de que la diferencia debida a {intervention} sea tan pequeña{why}."
    ),
    "answer.synthetic": "Datos sintéticos. {said}",
    "answer.none": "Sin estimación. {reason} Lo que haría falta: {needed}.",
    "answer.none.reason": "El motivo, en inglés: «{reason}».",
    "answer.none.events": (
        "al menos un caso antes del inicio y uno después, es decir, una serie más larga o un "
        "resultado menos raro"
    ),
    "answer.none.longer": (
        "una serie más larga, con casos antes y después del inicio, o un modelo más sencillo"
    ),
    # Changes and their ranges.
    "change.none": "ningún cambio",
    "change.below": "{size} por debajo",
    "change.above": "{size} por encima",
    "size.less": "menos de {size}",
    "between.below": "entre {near} y {far} por debajo",
    "between.above": "entre {near} y {far} por encima",
    "between.mixed": "entre {low} y {high}",
    "range": "rango: {between}",
    # The strip under an answer.
    "strip.direction": "Dirección",
    "strip.size": "Tamaño",
    "strip.certainty": "Certeza",
    "strip.studies": "Estudios",
    "strip.cost": "Costo",
    "strip.data-to": "Datos hasta",
    "strip.single": "Un solo estudio",
    "strip.no-cost": "Sin dato",
    "strip.no-cost.note": "Los datos no incluyen el costo",
    "direction.below": "Por debajo de lo esperado",
    "direction.above": "Por encima de lo esperado",
    "direction.unclear": "No es clara",
    "direction.unclear.note": "El rango incluye que no haya cambio",
    "direction.refused.all": "Aquí ninguna estimación es válida",
    "direction.refused.some": "Aquí la estimación prevista no es válida",
    "direction.not-estimated": "Sin estimación",
    "direction.not-estimated.note": "Los datos no permiten estimar",
    "direction.why": "{judged}; no podemos saber por qué",
    "direction.good": "La dirección deseada",
    "direction.bad": "La dirección equivocada",
    "size.refused": "No es válido aquí",
    "size.not-estimated": "Sin estimación",
    "size.best": "mejor estimación: {best}",
    "size.with": "{range}; {people}",
    "size.of-100": "{with_it} de cada 100 personas; se esperaban {without}",
    "size.a-person": "{with_it} por persona; se esperaban {without}",
    "size.points": "{points} puntos",
    "size.percentage-points": "{points} puntos porcentuales",
    "label.secondary": "{label} (resultado secundario)",
    "label.place": "{label}, {place}",
    "label.horizon": "{label} en un plazo de {count} {unit}",
    # How sure.
    "grade.high": "alta",
    "grade.moderate": "moderada",
    "grade.low": "baja",
    "grade.very low": "muy baja",
    "certainty.high": "Es muy probable que el efecto real esté cerca de esta estimación.",
    "certainty.moderate": (
        "Es probable que el efecto real esté cerca de esta estimación, pero puede ser distinto."
    ),
    "certainty.low": (
        "El efecto real bien puede ser distinto de esta estimación, incluso de forma importante."
    ),
    "certainty.very low": (
        "Es probable que el efecto real sea distinto de esta estimación, quizá por mucho."
    ),
    "certainty.named": "Certeza {grade}. ",
    # What "expected" supposes.
    "expected": "Lo esperado",
    "expected.study": (
        " es lo que, según el modelo, habría pasado sin {intervention}, {gone_on}. "
    ),
    "expected.site": " es lo que, según un modelo, habría pasado sin el programa.",
    "expected.people": "si las mismas personas no hubieran participado",
    "expected.survey": "si las respuestas hubieran cambiado allí igual que en los demás lugares",
    "expected.did": "si en {place} el cambio hubiera sido igual que donde no hubo programa",
    "expected.did.many": (
        "si donde hubo programa el cambio hubiera sido igual que donde no lo hubo"
    ),
    "expected.controls": "si todo hubiera seguido como antes en comparación con {controls}",
    "expected.places": "otros {places} lugares",
    "expected.series": "si hubiera seguido el patrón anterior",
    "range.term": "El rango",
    "range.means": (
        " es el intervalo del 95%: los valores fuera de él concuerdan mal con los datos."
    ),
    # What must be read before the answer.
    "banner.synthetic": "Datos sintéticos",
    "banner.synthetic.text": (
        "Una computadora creó estos números para probar el método, unos con un efecto y otros sin "
        "ninguno. No dicen nada sobre ninguna ciudad real."
    ),
    "banner.changed": "El plan cambió después de quedar fijo",
    "banner.changed.text": "Una respuesta cuyo plan cambió merece menos confianza. ",
    "banner.changed.link": "Vea cada cambio, en inglés",
    "banner.unfrozen": "El plan no quedó fijo de antemano",
    "banner.unfrozen.text": (
        "Nada muestra que el método se haya elegido antes de ver los resultados."
    ),
    # The page of one study.
    "study.goal": "Objetivo {goal}: {name}",
    "study.replication": "Una réplica, que pone a prueba el método",
    "study.answer": "La respuesta",
    "study.question": "¿Hubo un cambio en {label} debido a {intervention}?",
    "study.asked": "El plan pregunta: {question}",
    "study.other": "Full report in English",
    "study.quoted": "Lo que está entre « » está en inglés.",
    # The front page.
    "site.home": "Todos los estudios",
    "site.title.declared": "¿Funciona {program}?",
    "site.title.found": "¿Qué cambió con {program}?",
    "site.title.nobody": "¿Qué cambió con el programa?",
    "site.over": "Evaluación de {program}",
    "site.over.nobody": "Evaluación de un programa",
    "site.here": "este lugar",
    "site.authors": "Por {authors}.",
    "site.cite": "Para citar esta página: {authors}, «{title}» {over}.",
    "site.other": "This page in English",
    "site.aims": (
        "{program} tiene tres objetivos. Cada uno se juzga por separado, con estudios cuyo plan, "
        "datos y código se pueden leer y volver a ejecutar. No hay una calificación general."
    ),
    "site.aims.nobody": (
        "Los estudios de aquí tratan de tres objetivos. Cada uno se juzga por separado, con "
        "estudios cuyo plan, datos y código se pueden leer y volver a ejecutar. No hay una "
        "calificación general."
    ),
    "site.answered": "Con respuesta: {answered} de {goals} objetivos.",
    "site.ready": (
        " Hay estudios que cualquiera puede volver a ejecutar, de otras ciudades o con datos "
        "sintéticos, para {studied} de {goals} objetivos: los métodos están listos y esperan los "
        "datos de {city}."
    ),
    "site.studied": (
        " Hay estudios que cualquiera puede volver a ejecutar para {studied} de {goals} objetivos."
    ),
    # What came out when all studies were last run again.
    "check.title": "¿Vuelven a salir los mismos resultados?",
    "check.none": "Aún no se ha revisado",
    "check.none.text": (
        "Nadie ha anotado todavía que los estudios se hayan vuelto a ejecutar. Este comando lo "
        "hace: "
    ),
    "check.last": (
        "Última revisión: {good} de {studies} estudios se volvieron a ejecutar y dieron los "
        "resultados que se muestran aquí."
    ),
    "check.means": (
        " El plan, los datos y los resultados se compararon con los que se aceptaron, con la "
        "versión {package} del programa."
    ),
    "check.differs": (
        ": lo que salió, o una página, no es lo que se muestra aquí o lo que se aceptó."
    ),
    "check.failed": ": no se pudo volver a ejecutar o comparar.",
    "check.accepted since": ": no se ha revisado desde que se aceptó por última vez.",
    "check.not accepted": (
        ": nadie ha aceptado todavía sus resultados, así que ninguna revisión los respalda."
    ),
    "check.new": ": aún no se ha revisado.",
    "site.reading": "Cómo leer esta página",
    "site.not-yet": "Aún no se ha evaluado",
    "site.not-answered": "Aún no hay respuesta para {city}",
    "site.needed": "Lo que hace falta: {needed}.",
    "site.elsewhere": "Datos de otros lugares",
    "site.elsewhere.text": (
        "Estos programas son de otros lugares, o de varios juntos. Lo que pasó allí no responde "
        "por {city}."
    ),
    "site.undeclared": "Estudios que no declaran su lugar",
    "site.undeclared.text": (
        "La descripción de sus datos no dice con un identificador dónde son, así que nadie puede "
        "saber si responden por {city}. Sus autores pueden decirlo con "
    ),
    "site.tests": "Pruebas del método con datos sintéticos",
    "site.tests.caption": "Pruebas del método para el objetivo {goal}",
    "site.tests.outcome": "Resultado",
    "site.tests.found": "Lo que se encontró",
    "site.tests.report": "Informe",
    "site.read": "Lea el informe: {title} ({label})",
    "site.download": "Descargar los números",
    "site.download.text": (
        "Todas las estimaciones de los estudios de esta página, también las alternativas "
        "previstas, están en dos archivos con los mismos números y con los nombres en inglés: "
    ),
    "site.download.csv": "results.csv, para una hoja de cálculo",
    "site.download.json": "results.json, para un programa",
    "site.download.and": " y ",
    "goal.1": "Menos tiroteos y homicidios relacionados con pandillas y grupos",
    "goal.2": "Menos reincidencia y encarcelamiento de los participantes",
    "goal.3": "Mejores relaciones entre la policía y la comunidad",
    "goal.1.needed": (
        "el número de tiroteos y homicidios en {place} por mes, de preferencia con una marca para "
        "los relacionados con pandillas o grupos"
    ),
    "goal.2.needed": (
        "los arrestos, las condenas y el tiempo en custodia de los participantes y de personas "
        "parecidas que no participaron"
    ),
    "goal.3.needed": (
        "encuestas repetidas a los residentes sobre la confianza en la policía, y las quejas del "
        "mismo periodo"
    ),
    # Designs side by side, and what they share.
    "agree.title": "Cómo concuerdan los diseños",
    "agree.few": (
        "Menos de dos estudios de este objetivo tienen una respuesta con datos reales que se pueda "
        "usar, así que todavía no hay nada que comparar."
    ),
    "agree.synthetic": "Cómo concuerdan los diseños con datos sintéticos",
    "agree.synthetic.text": (
        "Cada conjunto de datos incluye su propia verdad, un efecto o ninguno, así que las "
        "respuestas con distintos datos no tienen que concordar. Esto prueba los métodos y no "
        "responde nada."
    ),
    "agree.same.fall": "Las {answers} respuestas quedan por debajo de lo esperado",
    "agree.same.rise": "Las {answers} respuestas quedan por encima de lo esperado",
    "agree.same.good": "Las {answers} respuestas quedan del lado deseado",
    "agree.same.bad": "Las {answers} respuestas quedan del lado no deseado",
    "agree.mixed": (
        "De {answers} respuestas, por debajo de lo esperado: {falls}; por encima: {rises}; sin "
        "saberse: {unclear}"
    ),
    "agree.mixed.hopes": (
        "De {answers} respuestas, del lado deseado: {good}; del otro: {bad}; sin saberse: {unclear}"
    ),
    "agree.open": "Ninguna de las {answers} respuestas distingue un cambio de ninguno",
    "agree.clear": "El valor de ningún cambio queda fuera de {clear} de {answers} rangos.",
    "agree.overlap": "Todos los rangos se cruzan: un mismo efecto podría estar en todos ellos.",
    "agree.apart": "Rangos que no se tocan: {pairs}. El azar por sí solo difícilmente lo explica.",
    "agree.measure": "Miden cosas distintas: {outcomes}.",
    "agree.hopes": "Se desea una baja en {falls} y un aumento en {rises}.",
    "agree.unused": "Sin una respuesta que se pueda usar: {lines}.",
    "agree.tied": (
        "Los estudios que comparten algo no son independientes: un error en eso está en todos. Por "
        "eso su acuerdo es un apoyo más débil que el de estudios que no comparten nada."
    ),
    "agree.free": (
        "No comparten nada de lo que buscamos: archivo, lugar, inicio, meses o supuesto. Aun así "
        "pueden compartir la forma en que se registran los delitos."
    ),
    "agree.unplaced": (
        "En estos estudios no se nombra ninguna ciudad: {studies}. Por eso no pudimos buscar una "
        "ciudad en común."
    ),
    "agree.undeclared": (
        "Los datos de estos estudios no dicen con un identificador dónde están: {studies}. Por eso "
        "no se sabe si son del lugar de los otros."
    ),
    "agree.apart-kept": (
        "No promediamos estas respuestas. Un promedio de estudios que comparten datos, lugar o "
        "tiempo parecería más seguro que cualquiera de ellos."
    ),
    "agree.row": "{number}. {design}, {place}: {label}",
    "agree.row.short": "{number} ({label})",
    "agree.no-answer": "sin respuesta útil",
    "agree.axis": "Cambio en porcentaje; a la izquierda de la línea, por debajo de lo esperado",
    "agree.note": (
        "Cada punto es la mejor estimación de un estudio y cada línea su rango del 95%. El número "
        "es el del estudio en la tabla."
    ),
    "agree.description": (
        "Gráfico de bosque con cambios en porcentaje y sus rangos del 95%, una fila por respuesta; "
        "una línea vertical marca que no hay cambio. {listed}."
    ),
    "agree.to": "de {low} a {high}",
    "agree.caption": "Nuestros estudios del objetivo {goal}, lado a lado",
    "agree.caption.synthetic": "Pruebas del objetivo {goal} con datos sintéticos, lado a lado",
    "agree.head.study": "Estudio",
    "agree.head.design": "Diseño y resultado",
    "agree.head.change": "Cambio",
    "agree.head.range": "Rango del 95%",
    "agree.shared": "Lo que comparten nuestros estudios del objetivo {goal}",
    "agree.shared.synthetic": (
        "Lo que comparten las pruebas del objetivo {goal} con datos sintéticos"
    ),
    "agree.head.shared": "En común",
    "agree.head.studies": "Estudios",
    "design.its": "serie de tiempo",
    "design.did": "comparación",
    "design.individual": "participantes",
    "design.survey": "encuesta",
    "shared.file": "El mismo archivo, {file}",
    "shared.place": "El mismo lugar, {place}",
    "shared.units": "Datos de {units}",
    "shared.more": "{first}, {second} y {more} más",
    "shared.start": "El mismo inicio de {intervention}, {period}",
    "shared.months": "Los meses de {first} a {last}, con todo lo demás que pasó entonces",
    "shared.events": ("Los mismos hechos, en parte o todos: {label}, {where}, de {first} a {last}"),
    "shared.assumption": "El mismo supuesto: {words}",
    "site.published": (
        "Lo que otros han publicado: programas parecidos en otros lugares (en inglés)"
    ),
    # Periods, and names in a row.
    "period.month": "{month} de {year}",
    "period.day": "{day} de {month} de {year}",
    "period.quarter": "trimestre {quarter} de {year}",
    "months": (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    ),
    "place.counted": "{some} de {all} {unit}",
    "place.synthetic": "(datos sintéticos)",
    "list.pair": "{most} y {last}",
}
