"""Letting a letter be sent at a time, and calling that off."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.letter_sending import SendingPages
from invitations.admin.recipient_rows import fingerprint
from invitations.admin.scheduling_form import SchedulingForm
from invitations.letter_problems import problems_in_words
from invitations.models import Letter
from invitations.scheduled_letters import schedule


class SchedulingPages(SendingPages):
    def pages(self) -> list[tuple[str, Callable[..., HttpResponse], str]]:
        return [
            *super().pages(),
            ("schedule/", self.schedule_view, "schedule"),
            ("call-off/", self.call_off_view, "call_off"),
        ]

    def schedule_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.letter_to_send(request, object_id)
        if letter.is_sent:
            return self.was_sent(request, letter)
        if request.method != "POST" or letter.is_scheduled:
            # Pressed twice, it is scheduled already, which the page shows.
            return HttpResponseRedirect(self.url("send", letter))
        plan, content, problems = self.what_would_be_sent(letter)
        form = SchedulingForm(request.POST, letter=letter, at=timezone.now())
        if problems or not form.is_valid():
            return self.send_page(request, letter, scheduling_form=form)
        if request.POST.get("recipients") != fingerprint(plan.recipients, content):
            return self.look_again(request, letter)
        if form.needs_confirmation:
            return self.send_page(request, letter, scheduling_form=form.confirming())
        try:
            self.schedule(request, letter, form)
        except ValidationError as error:
            return self.send_page(request, letter, problems=problems_in_words(error), scheduling_form=form)
        return HttpResponseRedirect(self.url_of(letter))

    def schedule(self, request: HttpRequest, letter: Letter, form: SchedulingForm) -> None:
        """Schedule the letter and write that into its history; raises as `scheduled_letters.schedule`."""
        assert request.user.is_authenticated
        send_at = form.moment.start()
        words = {"time": date_format(timezone.localtime(send_at), "DATETIME_FORMAT")}
        with transaction.atomic():
            schedule(letter, send_at=send_at, at=timezone.now(), by=request.user)
            self.log_change(request, letter, gettext("To be sent on %(time)s.") % words)
        messages.success(request, gettext("The letter will be sent on %(time)s.") % words)

    def call_off_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        letter = self.letter_to_send(request, object_id)
        if letter.is_sent:
            return self.was_sent(request, letter)
        if not letter.is_scheduled:
            messages.info(request, gettext("The letter is a draft. It is not going to be sent by itself."))
            return HttpResponseRedirect(self.url_of(letter))
        if request.method == "POST":
            self.call_off(request, letter)
            return HttpResponseRedirect(self.url_of(letter))
        return self.confirm(
            request,
            letter,
            title=_("Call off the scheduled sending"),
            button=_("Call off the scheduled sending"),
            sentences=[
                gettext("The letter is not sent on %(time)s.")
                % {"time": date_format(timezone.localtime(letter.send_at), "DATETIME_FORMAT")},
                gettext("It becomes a draft again, which can be changed, sent or scheduled anew."),
                gettext("No mail is sent."),
            ],
        )

    def call_off(self, request: HttpRequest, letter: Letter) -> None:
        """Make the letter a draft again and write that into its history."""
        with transaction.atomic():
            called_off = letter.call_off()
            if called_off:
                self.log_change(request, letter, gettext("Called off the scheduled sending."))
        if called_off:
            messages.success(request, gettext("The letter is a draft again."))
        elif letter.is_sent:
            messages.warning(request, gettext("It was too late: the letter has just been sent."))
