"""A letter that has been sent: the record of it, those who get it later, and mails that are sent again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.letter_pages import stored_file_response
from invitations.admin.letter_scheduling import SchedulingPages
from invitations.admin.pages import Text, sentences_of
from invitations.admin.recipient_rows import (
    fingerprint,
    in_municipalities,
    municipality_rows,
    words_about_mails,
)
from invitations.dispatch_plan import Recipient, one_per_mailbox
from invitations.late_recipients import (
    corrected,
    late_recipients,
    problems_of_sending_later,
    send_to_corrected_mailbox,
    send_to_late,
)
from invitations.letters import facts
from invitations.models import Dispatch, Letter, LetterVersion, PersonalLetter
from invitations.personal_letters import progress
from invitations.resending import ResendPlan, plan_resending, problems_of_resending, resend_failed
from invitations.what_happened import Fate, State, fates, sent_by, waves


class DispatchPages(SchedulingPages):
    def pages(self) -> list[tuple[str, Callable[..., HttpResponse], str]]:
        return [
            *super().pages(),
            ("late/", self.late_view, "late"),
            ("resend/", self.resend_view, "resend"),
            ("dispatches/<int:dispatch_id>/corrected/", self.corrected_view, "corrected"),
            ("personal/<int:personal_id>/", self.personal_view, "personal"),
            ("progress/", self.progress_view, "progress"),
        ]

    # The record.

    def record(self, request: HttpRequest, letter: Letter) -> dict[str, Any]:
        """What the page of a sent letter shows of it."""
        now = timezone.now()
        rows = fates(letter)
        chosen = request.GET.get("state", "")
        counts = Counter(row.state for row in rows)
        version = LetterVersion.objects.select_related("pdf").defer("pdf__content").get(letter=letter)
        enclosures = letter.enclosures.exclude(file=None).select_related("file").defer("file__content")
        personal = PersonalLetter.objects.filter(letter=letter).exclude(pdf=None)
        own_letters = {
            of_municipality: self.url("personal", letter, pk)
            for of_municipality, pk in personal.values_list("invitation", "pk")
        }
        may_send = self.may_send(request)
        return {
            "version": version,
            "sent_by_name": sent_by(rows[0].dispatch) if rows else letter.sent_by,
            "enclosures": [
                (enclosure, self.url("enclosure", letter, enclosure.pk)) for enclosure in enclosures
            ],
            "waves": [
                (wave, by_municipality(wave.rows, own_letters))
                for wave in waves([row for row in rows if chosen in ("", row.state)])
            ],
            "state_filter": [
                ("", gettext("All"), len(rows), not chosen),
                *(
                    (state.value, str(state.label), counts[state], chosen == state)
                    for state in State
                    if counts[state]
                ),
            ],
            "chosen_state": chosen,
            "failed": counts[State.FAILED] if may_send else 0,
            "progress": progress(letter) if letter.is_personal else None,
            "late": len(late_recipients(letter, at=now))
            if not problems_of_sending_later(letter, at=now)
            else 0,
            "may_send": may_send,
        }

    def personal_view(self, request: HttpRequest, object_id: int, personal_id: int) -> HttpResponse:
        letter = self.object_or_404(request, object_id, change=False)
        own = PersonalLetter.objects.filter(letter=letter, pk=personal_id).select_related("pdf").first()
        if own is None or own.pdf is None:
            raise Http404
        own.letter = letter
        return stored_file_response(own.pdf, filename=own.filename, download="download" in request.GET)

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        now = progress(self.object_or_404(request, object_id, change=False))
        return JsonResponse({"ready": now.ready, "total": now.total, "problems": now.problems})

    # Those who get it later.

    def late_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.letter_to_send(request, object_id)
        recipients = late_recipients(letter, at=timezone.now()) if letter.is_sent else []
        problems: Sequence[Text] = problems_of_sending_later(letter, at=timezone.now())
        if not problems and not recipients:
            problems = [gettext("Everybody who should have the letter has got it.")]
        if request.method == "POST" and not problems:
            if request.POST.get("recipients") != fingerprint(recipients):
                messages.warning(
                    request,
                    gettext("The recipients have changed since you saw them. Look at them once more."),
                )
                return HttpResponseRedirect(self.url("late", letter))
            try:
                self.tell_what_was_sent(request, letter, self.send_later(request, letter))
            except ValidationError as error:
                problems = sentences_of(error)
            else:
                return HttpResponseRedirect(self.url_of(letter))
        count = len(one_per_mailbox(recipients))
        return self.confirm(
            request,
            letter,
            title=_("Send to new recipients"),
            button=ngettext("Send %(count)d mail", "Send %(count)d mails", count) % {"count": count},
            sentences=self.consequences_of_sending_later(letter, recipients) if letter.is_sent else [],
            problems=problems,
            template="admin/invitations/letter/late.html",
            headline=in_municipalities(recipients),
            rows=municipality_rows(recipients),
            fingerprint=fingerprint(recipients),
        )

    def send_later(self, request: HttpRequest, letter: Letter) -> int:
        """Send to those who have not got the letter, and write that into its history."""
        assert request.user.is_authenticated
        with transaction.atomic():
            count = send_to_late(letter, at=timezone.now(), by=request.user)
            self.log_change(
                request,
                letter,
                ngettext(
                    "Sent to new recipients as %(count)d mail.",
                    "Sent to new recipients as %(count)d mails.",
                    count,
                )
                % {"count": count},
            )
        return count

    def tell_what_was_sent(self, request: HttpRequest, letter: Letter, count: int) -> None:
        if letter.is_personal:
            sentence = gettext(
                "The letters of the municipalities are being made, and leave one after the other."
            )
        else:
            sentence = ngettext("%(count)d mail is on its way.", "%(count)d mails are on their way.", count)
        messages.success(request, sentence % {"count": count})

    def consequences_of_sending_later(self, letter: Letter, recipients: Sequence[Recipient]) -> list[Text]:
        sentences: list[Text] = [
            words_about_mails(
                len(one_per_mailbox(recipients)), len({row.municipality.pk for row in recipients})
            ),
            gettext("They get the very letter that was sent, with the same date."),
            gettext("Those who have got it do not get it again."),
        ]
        if letter.version.facts != facts(letter):
            sentences.append(
                gettext(
                    "Note: the meeting has been changed since. The letter says what held when it was sent."
                )
            )
        return sentences

    # What could not be delivered.

    def resend_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.letter_to_send(request, object_id)
        plan = plan_resending(letter, at=timezone.now())
        problems: Sequence[Text] = problems_of_resending(letter, plan, at=timezone.now())
        if request.method == "POST" and not problems:
            try:
                count = self.resend(request, letter)
            except ValidationError as error:
                problems = sentences_of(error)
            else:
                self.tell_what_was_resent(request, count)
                return HttpResponseRedirect(self.url_of(letter))
        return self.confirm(
            request,
            letter,
            title=_("Send again to all to whom it could not be delivered"),
            button=ngettext("Send %(count)d mail", "Send %(count)d mails", plan.count)
            % {"count": plan.count},
            sentences=self.consequences_of_resending(plan),
            problems=problems,
        )

    def resend(self, request: HttpRequest, letter: Letter) -> int:
        assert request.user.is_authenticated
        with transaction.atomic():
            count = resend_failed(letter, at=timezone.now(), by=request.user)
            self.log_change(
                request,
                letter,
                ngettext("Sent %(count)d mail again.", "Sent %(count)d mails again.", count)
                % {"count": count},
            )
        return count

    def tell_what_was_resent(self, request: HttpRequest, count: int) -> None:
        sentence = ngettext("%(count)d mail is on its way.", "%(count)d mails are on their way.", count)
        messages.success(request, sentence % {"count": count})

    def consequences_of_resending(self, plan: ResendPlan) -> list[Text]:
        sentences: list[Text] = []
        if plan.mails:
            sentences.append(
                ngettext(
                    "%(count)d mail goes once more to the same mailbox.",
                    "%(count)d mails go once more to the same mailboxes.",
                    len(plan.mails),
                )
                % {"count": len(plan.mails)}
            )
        if count := len(one_per_mailbox(plan.corrected)):
            sentences.append(
                ngettext(
                    "%(count)d mail goes to a mailbox that has been corrected since.",
                    "%(count)d mails go to mailboxes that have been corrected since.",
                    count,
                )
                % {"count": count}
            )
        sentences.append(gettext("All others get nothing."))
        return sentences

    def corrected_view(self, request: HttpRequest, object_id: int, dispatch_id: int) -> HttpResponse:
        letter = self.letter_to_send(request, object_id)
        dispatch = (
            Dispatch.objects.select_related("office__municipality", "letter__meeting")
            .filter(letter=letter, pk=dispatch_id)
            .first()
        )
        if dispatch is None:
            raise Http404
        recipient = corrected(dispatch)
        problems: Sequence[Text] = problems_of_sending_later(letter, at=timezone.now())
        if recipient is None:
            problems = [gettext("The mailbox that the office has now has got the letter.")]
        if request.method == "POST" and not problems:
            try:
                self.send_to_corrected(request, letter, dispatch)
            except ValidationError as error:
                problems = sentences_of(error)
            else:
                return HttpResponseRedirect(self.url_of(letter))
        return self.confirm(
            request,
            letter,
            title=_("Send to the office's new mailbox"),
            button=_("Send 1 mail"),
            sentences=[
                gettext("%(office)s was written to at %(mailbox)s.")
                % {"office": dispatch.office_name, "mailbox": dispatch.mailbox},
                gettext("1 mail goes to %(mailbox)s, with the same text and attachments.")
                % {"mailbox": recipient.mailbox if recipient else ""},
            ],
            problems=problems,
        )

    def send_to_corrected(self, request: HttpRequest, letter: Letter, dispatch: Dispatch) -> None:
        assert request.user.is_authenticated
        with transaction.atomic():
            count = send_to_corrected_mailbox(dispatch, at=timezone.now(), by=request.user)
            sentence = gettext("Sent to the new mailbox of %(office)s.") % {"office": dispatch.office_name}
            self.log_change(request, letter, sentence)
        self.tell_what_was_sent(request, letter, count)


def by_municipality(
    rows: Sequence[Fate], own_letters: Mapping[int, str]
) -> list[tuple[str, str, list[Fate]]]:
    """Name, address of the municipality's own letter (empty where it has none), and the rows of each."""
    return [
        (name, own_letters.get(invitation, ""), list(of_municipality))
        for (invitation, name), of_municipality in groupby(
            rows, key=lambda row: (row.dispatch.invitation_id, row.municipality_name)
        )
    ]
