"""A delegation is registered by the keys alone: Tab, Space, arrows, Enter and letters."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registrations.models import Participant
from tests.factories import create_meeting, create_programme_item, create_theme

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

# What has the focus: its name as it is read aloud, and what would hide it from who sees.
FOCUSED = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const label = element.labels?.[0]?.querySelector(".choice-title") ?? element.labels?.[0] ?? element;
  const legend = element.type === "radio" ? element.closest("fieldset").querySelector("legend") : null;
  const faults = Object.entries({
    "above or below the window": box.top < 0 || box.bottom > innerHeight,
    "beside the window": box.left < 0 || box.right > innerWidth,
    "behind something": !(at && (element.contains(at) || at.contains(element))),
    "without a ring": parseFloat(style.outlineWidth) < 2 || style.outlineStyle === "none",
    "a ring that is not seen": style.outlineColor === style.backgroundColor,
  }).filter(([, is]) => is).map(([name]) => name);
  const words = (part) => part ? part.textContent.replace(/\\s+/g, " ").trim() : "";
  return [[words(legend), words(label)].filter(Boolean).join(" | "), ...faults];
}"""


class Keyboard:
    """Somebody who has no mouse, and sees where they are."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def focused(self) -> str:
        """What has the focus; the test fails where that could not be seen."""
        name, *faults = self.page.evaluate(FOCUSED)
        assert (name, faults) == (name, [])
        return str(name)

    def tab(self) -> str:
        self.page.keyboard.press("Tab")
        return self.focused()

    def write(self, label: str, text: str) -> None:
        """Type into the next field, which is to be the one with that label."""
        assert self.tab() == label
        self.page.keyboard.type(text)

    def choose(self, label: str) -> None:
        assert self.tab() == label
        self.page.keyboard.press("Space")

    def pass_by(self, *labels: str) -> None:
        assert [self.tab() for _label in labels] == list(labels)

    def press(self, label: str) -> None:
        assert self.tab() == label
        self.page.keyboard.press("Enter")


def test_two_are_registered_without_a_mouse_and_the_focus_is_always_seen(
    page: Page, live_server: LiveServer
) -> None:
    """In a window of 1280 x 1024 at 400 %, where there is most to hide behind."""
    meeting = create_meeting(slug="moede")
    item = create_programme_item(meeting=meeting, title="Temadrøftelse")
    for title in ("Trivsel", "Fravær"):
        create_theme(item=item, title=title)
    page.set_viewport_size({"width": 320, "height": 256})
    keys = Keyboard(page)

    page.goto(f"{live_server.url}/moede")
    keys.press("Gå til indholdet")
    keys.press("Tilmeld jer")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tilmeld jer")

    keys.pass_by("Gå til indholdet", "KL Politiske møder", "Til mødet")
    keys.write("Kommune", "Herning")
    keys.pass_by("Udvalg (frivilligt)")
    keys.write("Dit navn", "Anne Sekretær")
    keys.write("Din e-mailadresse", "anne@herning.example")
    keys.pass_by("Telefonnummer (frivilligt)", "Indsæt en liste af navne")
    participant(keys, "Bo Hansen", "bo@herning.example")
    keys.press("Tilføj deltager")
    # Whoever adds somebody goes on writing there.
    expect(page.get_by_role("group", name="Deltager 2").get_by_label("Deltagerens navn")).to_be_focused()
    assert keys.focused() == "Deltagerens navn"
    page.keyboard.press("Shift+Tab")
    participant(keys, "Ida Holm", "ida@herning.example")
    keys.pass_by("Fjern deltager 2", "Tilføj deltager", "Pladser uden navn (frivilligt)")
    keys.pass_by("Emner, I gerne vil drøfte (frivilligt)")
    keys.press("Næste: Tjek jeres svar")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tjek jeres svar")

    keys.pass_by("Gå til indholdet", "KL Politiske møder", "Ret kommune og kontaktperson", "Ret deltagere")
    keys.press("Send tilmelding")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kvittering")

    assert list(Participant.objects.values_list("name", "theme_choices__theme__title").order_by("name")) == [
        ("Bo Hansen", "Fravær"),
        ("Ida Holm", "Fravær"),
    ]


def participant(keys: Keyboard, name: str, address: str) -> None:
    keys.write("Deltagerens navn", name)
    keys.pass_by("Titel eller rolle (frivilligt)")
    keys.write("Deltagerens e-mailadresse", address)
    keys.choose("Vælg tema: Temadrøftelse | Tema 1: Trivsel")
    keys.page.keyboard.press("ArrowDown")
    assert keys.focused() == "Vælg tema: Temadrøftelse | Tema 2: Fravær"
