"""Names of nobody in particular, the same at every loading."""

from __future__ import annotations

_FIRST = (
    *("Anne", "Bent", "Camilla", "Daniel", "Else", "Frederik", "Grethe", "Hassan", "Ida", "Jørgen"),
    *("Karin", "Lasse", "Merete", "Niels", "Olga", "Palle", "Rikke", "Steffen", "Tove", "Ulrik"),
    *("Vibeke", "Waleed", "Ylva", "Zenia", "Øjvind", "Åse"),
)
_LAST = (
    *("Agerbæk", "Bjerrehus", "Dybdal", "Engholt", "Fuglsig", "Grønvang", "Hedelund", "Ibskov"),
    *("Klintebjerg", "Lyngdam", "Mosegaard", "Nørremark", "Overby", "Pilegaard", "Rørdal", "Stengaard"),
    *("Tingsager", "Uldall", "Vestervang", "Østerbakke", "Åkær"),
)


def person(number: int) -> str:
    """The name of person `number`; no two of the first five hundred share one."""
    return f"{_FIRST[number % len(_FIRST)]} {_LAST[number % len(_LAST)]}"
