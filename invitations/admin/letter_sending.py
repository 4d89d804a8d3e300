"""Sending a letter: who gets it, a test mail to oneself, and the button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.letter_pages import LetterPages
from invitations.admin.pages import Text
from invitations.admin.recipient_rows import (
    fingerprint,
    headline,
    missing_by_office,
    municipality_rows,
    words_about_mails,
    words_about_shared_mailboxes,
)
from invitations.admin.scheduling_form import SchedulingForm
from invitations.letter_problems import problems_in_words
from invitations.letters import DispatchPlan, dispatch, plan_dispatch, preview
from invitations.models import Letter
from invitations.trial_mails import send_trial


class SendingPages(LetterPages):
    def pages(self) -> list[tuple[str, Callable[..., HttpResponse], str]]:
        return [
            *super().pages(),
            ("send/", self.send_view, "send"),
            ("test/", self.test_view, "test"),
        ]

    def letter_to_send(self, request: HttpRequest, object_id: int) -> Letter:
        """The letter of a page from which letters are sent; raises as `object_or_404` does."""
        letter = self.object_or_404(request, object_id, change=False)
        if not self.may_send(request):
            raise PermissionDenied
        return letter

    def was_sent(self, request: HttpRequest, letter: Letter) -> HttpResponse:
        messages.info(request, gettext("The letter has been sent already."))
        return HttpResponseRedirect(self.url_of(letter))

    # Who would get it, and the button.

    def send_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.object_or_404(request, object_id, change=False)
        if letter.is_sent:
            return self.was_sent(request, letter)
        letter = self.letter_to_send(request, object_id)
        if request.method != "POST":
            return self.send_page(request, letter)
        plan, content, problems = self.what_would_be_sent(letter)
        if problems:
            return self.send_page(request, letter)
        if request.POST.get("recipients") != fingerprint(plan.recipients, content):
            return self.look_again(request, letter)
        try:
            count = self.send(request, letter)
        except ValidationError as error:
            return self.send_page(request, letter, problems=problems_in_words(error))
        messages.success(request, self.what_was_sent(letter, count))
        return HttpResponseRedirect(self.url_of(letter))

    def look_again(self, request: HttpRequest, letter: Letter) -> HttpResponse:
        messages.warning(
            request,
            gettext("The recipients or the letter have changed since you saw them. Look at them once more."),
        )
        return HttpResponseRedirect(self.url("send", letter))

    def what_would_be_sent(self, letter: Letter) -> tuple[DispatchPlan, str, list[str]]:
        """The plan, what tells this content of the letter from another, and why it cannot be sent."""
        now = timezone.now()
        plan = plan_dispatch(letter, at=now, is_due=True)
        try:
            return plan, preview(letter, at=now).source_sha256, plan.problems
        except ValidationError as error:
            return plan, "", [*plan.problems, *problems_in_words(error)]

    def send_page(
        self,
        request: HttpRequest,
        letter: Letter,
        *,
        problems: Sequence[Text] = (),
        scheduling_form: SchedulingForm | None = None,
    ) -> HttpResponse:
        plan, content, found = self.what_would_be_sent(letter)
        rows = municipality_rows(plan.recipients, plan.missing)
        return self.confirm(
            request,
            letter,
            title=_("Send the letter"),
            button=ngettext("Send %(count)d mail now", "Send %(count)d mails now", plan.mailboxes)
            % {"count": plan.mailboxes},
            sentences=self.consequences_of_sending(letter, plan),
            problems=[*found, *problems],
            template="admin/invitations/letter/send.html",
            plan=plan,
            headline=headline(plan),
            rows=rows,
            missing_by_office=missing_by_office(plan),
            fingerprint=fingerprint(plan.recipients, content),
            preview_url=self.url("preview", letter),
            scheduling_form=scheduling_form or SchedulingForm(letter=letter, at=timezone.now()),
            urls={name: self.url(name, letter) for name in ("schedule", "call_off", "test")},
            send_url=self.url("send", letter),
            test_is_possible=bool(content and plan.recipients),
        )

    def send(self, request: HttpRequest, letter: Letter) -> int:
        """Send the letter and write that into its history; raises ValidationError as `dispatch` does."""
        assert request.user.is_authenticated
        with transaction.atomic():
            count = dispatch(letter, at=timezone.now(), by=request.user)
            self.log_change(
                request,
                letter,
                ngettext("Sent as %(count)d mail.", "Sent as %(count)d mails.", count) % {"count": count},
            )
        return count

    def what_was_sent(self, letter: Letter, count: int) -> str:
        if letter.is_personal:
            return gettext(
                "The letter has been sent. The letters of the municipalities are being made, and leave one"
                " after the other."
            )
        return ngettext(
            "The letter has been sent: %(count)d mail is on its way.",
            "The letter has been sent: %(count)d mails are on their way.",
            count,
        ) % {"count": count}

    def consequences_of_sending(self, letter: Letter, plan: DispatchPlan) -> list[Text]:
        """What follows, with its numbers."""
        return [
            words_about_mails(plan.mailboxes, plan.municipalities),
            *words_about_shared_mailboxes(plan),
            *self.what_each_mail_carries(letter),
            gettext("A letter is sent once. It can not be changed or called back afterwards."),
        ]

    def what_each_mail_carries(self, letter: Letter) -> list[Text]:
        sentences: list[Text] = []
        if letter.is_personal:
            sentences.append(
                gettext(
                    "Each municipality gets a letter of its own, with its name, its link and its QR code."
                    " They are made in the background."
                )
            )
        files = sum(1 for enclosure in letter.enclosures.all() if enclosure.file_id)
        if files:
            sentences.append(
                ngettext(
                    "Each carries the letter as PDF and %(count)d enclosure.",
                    "Each carries the letter as PDF and %(count)d enclosures.",
                    files,
                )
                % {"count": files}
            )
        else:
            sentences.append(gettext("Each carries the letter as PDF."))
        return sentences

    # A test mail to oneself.

    def test_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.letter_to_send(request, object_id)
        if letter.is_sent:
            return self.was_sent(request, letter)
        if request.method == "POST":
            self.send_test(request, letter)
        return HttpResponseRedirect(self.url("send", letter))

    def send_test(self, request: HttpRequest, letter: Letter) -> None:
        user: Any = request.user
        try:
            with transaction.atomic():
                code = request.POST.get("municipality", "")
                if send_trial(letter, code=code, at=timezone.now(), by=user):
                    sentence = gettext("Sent a test mail to %(mailbox)s.") % {"mailbox": user.email}
                    self.log_change(request, letter, sentence)
        except ValidationError as error:
            for sentence in problems_in_words(error):
                messages.error(request, sentence)
        else:
            messages.success(
                request, gettext("A test mail is on its way to %(mailbox)s.") % {"mailbox": user.email}
            )
