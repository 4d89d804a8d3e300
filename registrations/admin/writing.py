"""Writing to municipalities from the ledger: fill in, see what goes to whom, send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.admin.pages import sentences_of
from invitations.fingerprints import digest_of
from invitations.models import Invitation, Meeting, Municipality, Sender
from invitations.numbers_in_words import municipalities_in_words
from registrations.addressees import Addressee, addressees_of
from registrations.ledger_list import LedgerList
from registrations.message_forms import AddresseesForm, Audience, AudienceForm, MessageForm
from registrations.messages import Chosen, MessageMails, write
from registrations.on_behalf import problems_of_answering
from registrations.submission_keys import submission_key


class WritingPage:
    """One request for the form: only the button that sends writes anything; the others show it as typed."""

    def __init__(
        self, request: HttpRequest, meeting: Meeting, municipalities: Sequence[Municipality], *, back_url: str
    ) -> None:
        self.request = request
        self.meeting = meeting
        self.municipalities = municipalities
        self.back_url = back_url
        self.at = timezone.now()
        self.addressees = addressees_of(meeting, municipalities, on=timezone.localdate(self.at))
        data = request.POST if request.method == "POST" else None
        can_answer = not problems_of_answering(meeting, at=self.at)
        self.message_form = MessageForm(data, meeting=meeting, can_answer=can_answer)
        self.is_for_one = len(municipalities) == 1
        self.to_form: AddresseesForm | AudienceForm = (
            AddresseesForm(data, addressees=self.addressees[municipalities[0].pk])
            if self.is_for_one
            else AudienceForm(data)
        )
        self.key = submission_key(request.POST)

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self._fill_in()
        button = self.request.POST.get("do")
        is_valid = self.to_form.is_valid() & self.message_form.is_valid()
        if not is_valid or button == "edit":
            return self._fill_in()
        if not self._mails():
            self.to_form.add_error("to", gettext("There is nobody to write to. Choose others."))
            return self._fill_in()
        return self._send() if button == "send" else self._check()

    def chosen(self) -> Chosen:
        if isinstance(self.to_form, AddresseesForm):
            return {self.municipalities[0]: self.to_form.chosen()}
        audience = Audience(self.to_form.cleaned_data["to"])
        return {
            municipality: audience.of(self.addressees[municipality.pk])
            for municipality in self.municipalities
        }

    def _mails(self) -> list[tuple[Municipality, Addressee]]:
        return [
            (municipality, addressee)
            for municipality, addressees in self.chosen().items()
            for addressee in addressees
        ]

    def _fill_in(self) -> HttpResponse:
        return self._render(
            "write.html",
            {
                "summary": [*self.to_form.summary(), *self.message_form.summary()],
                "nobody": self.is_for_one and not self.addressees[self.municipalities[0].pk],
            },
        )

    def _check(self) -> HttpResponse:
        mails = self._mails()
        municipality, addressee = mails[0]
        message = self.message_form.message()
        invitation = None
        if message.with_link:
            known = Invitation.objects.filter(meeting=self.meeting, municipality=municipality)
            # Who is not invited gets its link with the mail.
            invitation = known.first() or Invitation(token="personligt-link")
        return self._render(
            "write_check.html",
            {
                "sentences": self._consequences(mails, with_link=message.with_link),
                "example": MessageMails(self.meeting, message).words(municipality, addressee, invitation),
                "example_to": addressee,
                "mails": mails,
                "without_addressee": [
                    municipality for municipality, found in self.chosen().items() if not found
                ],
                "shown": self._fingerprint(),
                "button": ngettext("Send %(count)d mail", "Send %(count)d mails", len(mails))
                % {"count": len(mails)},
            },
        )

    def _send(self) -> HttpResponse:
        assert self.request.user.is_authenticated
        if self.request.POST.get("shown") != self._fingerprint():
            sentence = gettext("The recipients have changed since you saw them. Look at them once more.")
            messages.warning(self.request, sentence)
            return self._check()
        try:
            owed = write(
                self.meeting,
                self.chosen(),
                self.message_form.message(),
                key=self.key,
                by=self.request.user,
                at=self.at,
            )
        except ValidationError as error:
            messages.error(self.request, " ".join(sentences_of(error)))
            return self._fill_in()
        tell_what_is_on_its_way(self.request, owed)
        return HttpResponseRedirect(self.back_url)

    def _fingerprint(self) -> str:
        """Tells whether the recipients, and what they get, are still those that the page showed."""
        rows = sorted((municipality.code, addressee.key) for municipality, addressee in self._mails())
        shown = [rows, self.message_form.message().with_link]
        return digest_of(shown)

    def _consequences(self, mails: list[tuple[Municipality, Addressee]], *, with_link: bool) -> list[str]:
        """What follows, with its numbers."""
        count = len({municipality.pk for municipality, _addressee in mails})
        sentences = [
            ngettext(
                "%(mails)d mail goes to %(municipalities)s.",
                "%(mails)d mails go to %(municipalities)s.",
                len(mails),
            )
            % {
                "mails": len(mails),
                "municipalities": mails[0][0] if count == 1 else municipalities_in_words(count),
            }
        ]
        if with_link:
            sentences.append(gettext("Each carries the personal link of its municipality."))
        mailbox = Sender.objects.current().mailbox
        sentences.append(gettext("Answers come to %(mailbox)s.") % {"mailbox": mailbox})
        return sentences

    def _render(self, template: str, context: dict[str, Any]) -> HttpResponse:
        to = self.municipalities[0] if self.is_for_one else municipalities_in_words(len(self.municipalities))
        return meeting_page(
            self.request,
            self.meeting,
            f"admin/registrations/ledger/{template}",
            {
                "title": gettext("Write to %(municipalities)s") % {"municipalities": to},
                "municipalities": self.municipalities,
                "is_for_one": self.is_for_one,
                "back_url": self.back_url,
                "to_form": self.to_form,
                "message_form": self.message_form,
                "submission_key": self.key,
                **context,
            },
            tab="ledger",
        )


def ledger_write_page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """To those whose codes stand in the address as `m`."""
    query = LedgerList.of_query(request.GET).query()
    back_url = page_url("ledger", meeting) + query
    codes = request.GET.getlist("m")
    municipalities = list(Municipality.objects.filter(code__in=codes).in_danish_order())
    if not municipalities:
        messages.warning(request, gettext("Select the municipalities that you want to write to."))
        return HttpResponseRedirect(back_url)
    return WritingPage(request, meeting, municipalities, back_url=back_url).answer()


def municipality_write_page(request: HttpRequest, meeting: Meeting, code: str) -> HttpResponse:
    municipality = get_object_or_404(Municipality, code=code)
    back_url = page_url("municipality", meeting, code=code) + LedgerList.of_query(request.GET).query()
    return WritingPage(request, meeting, [municipality], back_url=back_url).answer()


def tell_what_is_on_its_way(request: HttpRequest, owed: int) -> None:
    if not owed:
        messages.info(request, gettext("The mail had been sent already. Nobody gets it twice."))
        return
    sentence = ngettext("%(count)d mail is on its way.", "%(count)d mails are on their way.", owed)
    messages.success(request, sentence % {"count": owed})


LEDGER_WRITE = MeetingPage(name="ledger_write", address="ledger/write/", view=ledger_write_page, changes=True)
MUNICIPALITY_WRITE = MeetingPage(
    name="municipality_write",
    address="ledger/<str:code>/write/",
    view=municipality_write_page,
    changes=True,
)
