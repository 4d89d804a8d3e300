"""Words in braces for mails that each go to one municipality: those of the letter, and `{municipality}`.

A text is filled once for all mails, and then with each municipality's name.
"""

from __future__ import annotations

from invitations.models import Letter, Municipality
from invitations.placeholders import Placeholders

# Stands for the municipality in a text that is filled once for all; nobody types it.
_MUNICIPALITY = "\ue000"


class MunicipalityPlaceholders(Placeholders):
    """Those of `letter`, and `municipality`, for which `name_municipality` puts the name afterwards."""

    def __init__(self, letter: Letter) -> None:
        super().__init__(letter)
        self._values = {"municipality": lambda: _MUNICIPALITY, **self._values}


def name_municipality(text: str, municipality: Municipality) -> str:
    """The filled `text` as it goes to `municipality`."""
    return text.replace(_MUNICIPALITY, municipality.official_name)
