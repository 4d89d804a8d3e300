"""What the first draft of a letter says, in the Danish of official letters; staff write on from there.

Facts are placeholders and blocks, taken only where the meeting has something to print for them.
"""

from __future__ import annotations

from invitations.danish import format_date, format_dates, join_words
from invitations.markdown import escape_markdown
from invitations.models import Letter, Meeting, ProgrammeItem, Role, Section
from invitations.models.addressees import ROLES_WITH_POLICY_AREA
from invitations.models.programme import themed_items
from invitations.placeholders import Placeholders
from invitations.told import told_by_last_letter

Block = Section.Block
Kind = Letter.Kind
# Heading, text and block of a section.
Part = tuple[str, str, str]

_TITLES = {
    Kind.INVITATION: "Invitation: {title}",
    Kind.SAVE_THE_DATE: "Reservér datoen: {title}",
    Kind.FOLLOW_UP: "Opfølgning: {title}",
    Kind.CHANGE: "Ændring: {title}",
    Kind.CANCELLATION: "Aflysning: {title}",
}
# An office as it stands below Til, and as a sentence names many of them.
_OFFICES = {
    Role.MAYOR: ("Borgmesteren", "borgmestre"),
    Role.COUNCIL_MEMBERS: ("Kommunalbestyrelsens medlemmer", "kommunalbestyrelsesmedlemmer"),
    Role.COMMITTEE: ("Udvalget", "udvalg"),
    Role.COMMITTEE_CHAIR: ("Formanden for udvalget", "udvalgsformænd"),
    Role.MUNICIPAL_DIRECTOR: ("Kommunaldirektøren", "kommunaldirektører"),
    Role.DEPARTMENT_DIRECTOR: ("Direktøren", "direktører"),
    Role.HEAD_OF_DEPARTMENT: ("Fagchefen", "fagchefer"),
    Role.MAIN_MAILBOX: ("Kommunen", "kommuner"),
}


def draft_title(kind: str, meeting: Meeting) -> str:
    """The title that a letter of `kind` gets; what is cancelled goes by the name that was told."""
    title = _TITLES[Kind(kind)]
    if kind == Kind.CANCELLATION and (told := told_by_last_letter(meeting).title) != meeting.title:
        return title.replace("{title}", _without_placeholders(told))
    return title


def recipient_lines(meeting: Meeting) -> list[str]:
    """The offices that the meeting invites, as letters address them: `Borgmesteren`, `Udvalget med ansvar for
    børne- og undervisningsområdet`.
    """
    lines = []
    for role, (line, _many) in _OFFICES.items():
        if role in meeting.roles:
            lines.append(f"{line}{_responsible(meeting)}" if role in ROLES_WITH_POLICY_AREA else line)
    return lines or ["Kommunen"]


def draft_sections(letter: Letter, *, lead: str = "") -> list[Part]:
    """The sections of a letter of this kind about its meeting.

    Args:
        lead: what the first section says instead of its usual words.
    """
    words = _DraftWords(letter)
    return {
        Kind.INVITATION: words.invitation,
        Kind.SAVE_THE_DATE: words.save_the_date,
        Kind.FOLLOW_UP: words.follow_up,
        Kind.CHANGE: words.change,
        Kind.CANCELLATION: words.cancellation,
    }[Kind(letter.kind)](lead)


def _responsible(meeting: Meeting) -> str:
    return f" med ansvar for {_without_placeholders(meeting.policy_area.name)}"


def _without_placeholders(text: str) -> str:
    """`text` as it is typed into a letter: a brace in a name is no placeholder."""
    return text.replace("{", "{{").replace("}", "}}")


class _DraftWords:
    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        self.meeting = letter.meeting
        placeholders = Placeholders(letter)
        self.sessions = placeholders.sessions
        self.usable = set(placeholders.usable())
        self.meets_often = len(self.sessions) > 1

    # The kinds of letter.

    def invitation(self, lead: str) -> list[Part]:
        invites = "Sammen med {hosts} inviterer KL" if "hosts" in self.usable else "KL inviterer"
        return [
            ("", lead or f"{invites} {self._invited()} til:", ""),
            *self._facts(),
            *self._registration("I tilmelder jer her: {registration_url}"),
            ("", "Vi glæder os til at se jer.", ""),
        ]

    def save_the_date(self, lead: str) -> list[Part]:
        reserve = " Vi beder jer reservere en af datoerne allerede nu." if self.meets_often else ""
        if len(self.sessions) == 1:
            reserve = " Vi beder jer reservere datoen allerede nu."
        follows = "program og tilmelding" if self.meeting.has_form else "program"
        return [
            ("", lead or f"KL planlægger et møde for {self._invited()}.{reserve}", ""),
            ("{title}", "", Block.SESSIONS if self.sessions else ""),
            ("", f"I får en invitation med {follows}, når vi nærmer os.", ""),
        ]

    def follow_up(self, lead: str) -> list[Part]:
        met = " den {dates}" if self.sessions else ""
        thanks = (
            f"Tak til alle, der deltog i {self._the_meeting()}{met}, og tak for en god dialog.\n\n"
            "KL tager jeres erfaringer og synspunkter med i det videre arbejde."
        )
        sections = [("", lead or thanks, "")]
        if "contact_email" in self.usable:
            write = "Har I spørgsmål eller bemærkninger, er I velkomne til at skrive til {contact_email}."
            sections.append(("", write, ""))
        return sections

    def change(self, lead: str) -> list[Part]:
        changed = f"Der er ændringer til {self._the_meeting()}. Det er oplysningerne nedenfor, der gælder."
        if self.letter.replaces:
            changed += f" De erstatter dem i vores brev af {format_date(self.letter.replaces)}."
        registered = (
            "Er I allerede tilmeldt, gælder jeres tilmelding fortsat. Kan I ikke deltage alligevel, kan I"
            " afmelde jer via linket i kvitteringen.\n\n"
            "Er I endnu ikke tilmeldt, kan I tilmelde jer her: {registration_url}"
        )
        return [("", lead or changed, ""), *self._facts(), *self._registration(registered)]

    def cancellation(self, lead: str) -> list[Part]:
        paragraphs = [f"KL må desværre aflyse {self._the_meeting()}{self._was_named()}{self._was_on()}."]
        if self.meeting.has_form:
            paragraphs.append(
                "Deltagere, der er tilmeldt, får en aflysning i Outlook, så mødet forsvinder fra kalenderen."
            )
        paragraphs.append("Vi beklager de ulemper, det giver jer.")
        return [("", lead or "\n\n".join(paragraphs), "")]

    # What they are made of.

    def _was_named(self) -> str:
        """The name that was told, where the meeting has got another since."""
        told = told_by_last_letter(self.meeting).title
        return "" if told == self.meeting.title else f" “{_without_placeholders(escape_markdown(told))}”"

    def _was_on(self) -> str:
        """The dates that were told: who knows no others must see which meeting it is."""
        if not self.sessions:
            return ""
        told = told_by_last_letter(self.meeting).days
        if told == {session.starts_date for session in self.sessions}:
            return ", som skulle have været holdt den {dates}"
        return f", som skulle have været holdt den {format_dates(told)} (siden ændret til den {{dates}})"

    def _the_meeting(self) -> str:
        return "møderne" if self.meets_often else "mødet"

    def _invited(self) -> str:
        """`borgmestre samt udvalg og direktører med ansvar for fritidsområdet i {area}`."""
        everybody: list[str] = []
        responsible: list[str] = []
        for role, (_line, many) in _OFFICES.items():
            if role in self.meeting.roles:
                (responsible if role in ROLES_WITH_POLICY_AREA else everybody).append(many)
        groups = [join_words(everybody)] if everybody else []
        if responsible:
            groups.append(f"{join_words(responsible)}{_responsible(self.meeting)}")
        invited = " samt ".join(groups) or "kommuner"
        return f"{invited} i {{area}}" if "area" in self.usable else invited

    def _facts(self) -> list[Part]:
        """The meeting itself: when, where, what, and what one should think about beforehand."""
        sections: list[Part] = [(self._event(), self._online(), "")]
        if self.meets_often:
            choose = "Programmet er det samme hver gang. Vælg det møde, der passer jer bedst:"
            sections.append(
                ("Vælg et af møderne", choose, Block.SESSIONS)
                if self.meeting.has_form
                else ("Tid og sted", "", Block.SESSIONS)
            )
        elif any(session.where() and not session.online for session in self.sessions):
            sections.append(("Sted", "", Block.VENUE))
        programme = list(self.meeting.programme.prefetch_related("themes"))
        if programme:
            sections.append(("Program", self._choosing(themed_items(programme)), Block.PROGRAMME))
        if self.meeting.questions.exists():
            consider = "Vi beder jer overveje følgende inden mødet."
            if self.meeting.has_form:
                consider += " I kan skrive jeres svar, når I tilmelder jer."
            sections.append(("Til overvejelse inden mødet", consider, Block.QUESTIONS))
        if self.meeting.practical_information.strip():
            sections.append(("Praktisk information", "", Block.PRACTICAL_INFORMATION))
        return sections

    def _event(self) -> str:
        """The name of the meeting and, on a line of its own, the day and the time."""
        day = next((f"{{{name}}}" for name in ("date", "dates") if name in self.usable), "")
        time = " {time}" if "time" in self.usable else ""
        return f"{{title}}\nden {day}{time}" if day else "{title}"

    def _online(self) -> str:
        if not self.sessions or not all(session.online for session in self.sessions):
            return ""
        return "Møderne holdes virtuelt." if self.meets_often else "Mødet holdes virtuelt."

    def _choosing(self, rounds: list[ProgrammeItem]) -> str:
        if not rounds or not self.meeting.has_form:
            return ""
        each = "et tema i hver runde" if len(rounds) > 1 else "et tema"
        return f"Hver deltager vælger {each} ved tilmeldingen."

    def _registration(self, first: str) -> list[Part]:
        if not self.meeting.has_form:
            return []
        paragraphs = [first]
        if "registration_deadline_with_weekday" in self.usable:
            paragraphs.append("Sidste frist for tilmelding er {registration_deadline_with_weekday}.")
        elif any(session.deadline() for session in self.sessions):
            paragraphs.append("Hvert møde har sin egen tilmeldingsfrist, som I kan se på tilmeldingssiden.")
        has_links = self.sessions and all(session.join_url for session in self.sessions)
        link = " med link til mødet" if has_links else ""
        paragraphs.append(f"Når I har tilmeldt jer, får I en invitation i Outlook{link}.")
        return [("Tilmelding", "\n\n".join(paragraphs), "")]
