"""A municipality's own copy of a letter: the frozen one, with its name above the recipients, its own link
in the place of the public one, and its QR code where the letter says how to register.

Made from the frozen HTML only, so that it says what was sent whatever has become of the meeting.
"""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO
from xml.etree.ElementTree import Element, fromstring

import qrcode
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

from invitations.letter_html import LOGO
from invitations.mail_text import link
from invitations.markdown import inline
from invitations.models import Letter, LetterVersion, Municipality
from invitations.pdf import IMAGE_SCHEME, ReadingOrderError, UnprintableLetter, read_html, render_pdf

# The classes of the empty elements that `templates/invitations/letter/_body.html` leaves; what is typed is
# escaped, so that nobody else can write them.
OWN_NAME, OWN_LINK = "own-name", "own-link"

QR = "qr"
# So large that no reader of PDFs blurs them.
PIXELS_PER_MODULE = 8
MASK = 3


class PersonalCopies:
    """The copies of `letter` as it is frozen in `version`; what they share is read once."""

    def __init__(self, letter: Letter, version: LetterVersion) -> None:
        self._root = read_html(version.html)
        self._images = {LOGO: version.logo.data} if version.logo else {}
        self._public_url = link("registrations:meeting", letter.meeting.slug)

    def pdf(self, *, municipality_name: str, url: str) -> bytes:
        """The PDF of a municipality's copy; raises as `render_pdf` does.

        Args:
            municipality_name: its official name, `Herning Kommune`.
            url: its own link.
        """
        root = deepcopy(self._root)
        # One link only: who has two does not know which to use.
        is_named = self._name_own_link(root, url)
        own = {
            OWN_NAME: format_html('<p class="own-name">{}</p>', inline(municipality_name)),
            OWN_LINK: render_to_string(
                "invitations/letter/_own_link.html",
                {
                    "possessive": f"{municipality_name}s",
                    "link": "" if is_named else inline(url),
                    "qr_url": f"{IMAGE_SCHEME}:{QR}",
                },
            ),
        }
        for element in list(root.iter("div")):
            if html := own.get(element.get("class", "")):
                _become(element, fromstring(html.strip()))
        return render_pdf(root, images={**self._images, QR: qr_code(url)})

    def _name_own_link(self, root: Element, url: str) -> bool:
        """Put `url` wherever the letter names the public page; return whether it does so in words."""
        is_named = False
        for element in list(root.iter("a")):
            if element.get("href") != self._public_url:
                continue
            if "".join(element.itertext()) == self._public_url:
                is_named = True
                _become(element, fromstring(inline(url)))
            element.set("href", url)
        return is_named


def _become(element: Element, other: Element) -> None:
    """Make `element` what `other` is, where it stands."""
    element.tag, element.text = other.tag, other.text
    element[:] = other[:]


def qr_code(text: str) -> bytes:
    """A QR code (ISO/IEC 18004, error correction M) as PNG, without the quiet zone around it."""
    # Any mask can be read. To weigh all eight takes six times as long, for each of 98 letters.
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    code.add_data(text)
    modules = code.get_matrix()
    image = Image.new("L", (len(modules), len(modules)))
    image.putdata([0 if is_dark else 255 for row in modules for is_dark in row])
    file = BytesIO()
    size = len(modules) * PIXELS_PER_MODULE
    image.resize((size, size), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()


def sample(letter: Letter, version: LetterVersion, municipality: Municipality | None = None) -> bytes:
    """The copy of `municipality`, or of the first that the meeting invites, for staff to look at.

    Its link leads to the public page: nobody shall answer by it for a municipality.

    Raises:
        ValidationError: it cannot be printed.
    """
    municipality = municipality or letter.meeting.municipalities().first()
    name = municipality.official_name if municipality else "Eksempel Kommune"
    try:
        return PersonalCopies(letter, version).pdf(
            municipality_name=name, url=link("registrations:meeting", letter.meeting.slug)
        )
    except (UnprintableLetter, ReadingOrderError) as error:
        raise ValidationError(
            _("The letter of a municipality cannot be printed: %(reason)s") % {"reason": error},
            code="unprintable",
        ) from error
