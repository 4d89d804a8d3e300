"""What each role may do, and how staff get one."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invitations.models import OutgoingEmail, Sender
from kl_meetings.roles import ADMINISTRATOR, READER, ROLES, SECRETARIAT, SPECIAL_NEEDS
from tests.admin_pages import errors_of, fields_of, send
from tests.factories import (
    create_dispatch,
    create_letter,
    create_meeting,
    create_office,
    create_participant,
    create_staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

USERS = "admin:auth_user_changelist"


def log_in(client: Client, *roles: str, username: str = "mette") -> User:
    user = User.objects.create_user(username, password="password", is_staff=True, first_name="Mette")
    user.groups.set(Group.objects.filter(name__in=roles))
    client.force_login(user)
    return user


def models_shown(client: Client) -> list[str]:
    groups = client.get("/admin/").context["app_list"]
    return [str(model["object_name"]) for group in groups for model in group["models"]]


def edit(user: User) -> str:
    return reverse("admin:auth_user_change", args=[user.pk])


WORK = [
    "Meeting",
    "Letter",
    "Registration",
    "Participant",
    "Decline",
    "Invitation",
    "Dispatch",
    "OutgoingEmail",
    "Office",
    "Municipality",
    "Area",
    "PolicyArea",
    "Sender",
]


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        (SECRETARIAT, [*WORK, "LogEntry"]),
        (READER, [*WORK, "LogEntry"]),
        (ADMINISTRATOR, ["Sender", "User", "LoginSettings", "LogEntry"]),
        (SPECIAL_NEEDS, []),
    ],
)
def test_each_role_sees_what_it_works_with(client: Client, role: str, shown: list[str]) -> None:
    log_in(client, role)

    assert models_shown(client) == shown


def test_who_has_no_role_sees_nothing(client: Client) -> None:
    log_in(client)

    assert models_shown(client) == []


def test_a_migration_leaves_the_roles_as_they_are_and_gives_back_what_was_taken() -> None:
    before = {group.name: group.permissions.count() for group in Group.objects.all()}
    Group.objects.get(name=READER).permissions.clear()

    call_command("migrate", verbosity=0)

    assert sorted(before) == sorted(ROLES)
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == before


def test_the_secretariat_changes_meetings_and_not_the_sender(client: Client) -> None:
    log_in(client, SECRETARIAT)
    meeting = create_meeting(published_at=None)

    assert send(client, reverse("admin:invitations_meeting_change", args=[meeting.pk])).status_code == 302
    assert client.post(reverse("admin:invitations_sender_change", args=[1])).status_code == 403
    assert client.get(reverse("admin:invitations_sender_change", args=[1])).status_code == 200
    assert client.get(reverse(USERS)).status_code == 403


def test_a_reader_sees_meetings_letters_and_answers_and_changes_nothing(client: Client) -> None:
    letter = create_letter()
    create_office()
    participant = create_participant()
    mail = create_dispatch().email
    assert mail is not None
    log_in(client, READER)
    seen = [
        reverse("admin:invitations_meeting_change", args=[letter.meeting_id]),
        reverse("admin:invitations_letter_change", args=[letter.pk]),
        reverse("admin:invitations_letter_preview", args=[letter.pk]),
        reverse("admin:registrations_participant_change", args=[participant.pk]),
        reverse("admin:invitations_outgoingemail_change", args=[mail.pk]),
    ]
    refused = [
        reverse("admin:invitations_meeting_change", args=[letter.meeting_id]),
        reverse("admin:invitations_meeting_add"),
        reverse("admin:invitations_meeting_publish", args=[letter.meeting_id]),
        reverse("admin:invitations_meeting_cancel", args=[letter.meeting_id]),
        reverse("admin:invitations_letter_send", args=[letter.pk]),
        reverse("admin:invitations_letter_delete", args=[letter.pk]),
        reverse("admin:registrations_participant_withdraw", args=[participant.pk]),
        reverse("admin:invitations_outgoingemail_resend", args=[mail.pk]),
        reverse("admin:invitations_office_add"),
    ]

    assert [client.get(url).status_code for url in seen] == [200] * len(seen)
    assert [client.post(url).status_code for url in refused] == [403] * len(refused)
    assert LogEntry.objects.count() == 0


def test_a_reader_cannot_follow_the_personal_links_in_mails(client: Client) -> None:
    mail = create_dispatch().email
    assert mail is not None
    secret = "AbC_d-123456789012345"
    OutgoingEmail.objects.filter(pk=mail.pk).update(
        text=f"Svar her: https://tilmeld.example/svar/{secret} senest fredag.",
        html=f'<a href="https://tilmeld.example/deltager/{secret}/afmeld">Afmeld</a>',
        calendar=f"BEGIN:VCALENDAR\r\nURL:https://t.example/del\r\n tager/{secret[:9]}\r\n {secret[9:]}\r\n",
        calendar_method="REQUEST",
    )
    url = reverse("admin:invitations_outgoingemail_change", args=[mail.pk])
    html_url = reverse("admin:invitations_outgoingemail_html", args=[mail.pk])
    log_in(client, READER)

    assertContains(client.get(url), "https://tilmeld.example/svar/… senest fredag.")
    assertNotContains(client.get(url), secret[9:])
    assertContains(client.get(html_url), "/deltager/…/afmeld")

    log_in(client, SECRETARIAT, username="anne")
    assertContains(client.get(url), secret)


def test_an_administrator_gives_roles_and_the_history_says_so(client: Client) -> None:
    administrator = log_in(client, ADMINISTRATOR)
    secretariat = Group.objects.get(name=SECRETARIAT)

    added = send(
        client,
        reverse("admin:auth_user_add"),
        username="bo",
        usable_password="true",
        password1="et-langt-kodeord-9",
        password2="et-langt-kodeord-9",
        first_name="Bo",
        groups=[str(secretariat.pk)],
    )
    bo = User.objects.get(username="bo")
    send(client, edit(bo), groups=[str(Group.objects.get(name=READER).pk)])

    assert added.status_code == 302
    assert (bo.is_staff, bo.is_superuser) == (True, False)
    assert [group.name for group in bo.groups.all()] == [READER]
    history = client.get(reverse("admin:admin_logentry_changelist"))
    assertContains(history, "<del>Sekretariat</del>")
    assertContains(history, "<ins>Læser</ins>")
    assert {entry.user for entry in LogEntry.objects.all()} == {administrator}


def test_an_administrator_makes_nobody_a_superuser_and_changes_none(client: Client) -> None:
    log_in(client, ADMINISTRATOR)
    root, bo = create_staff(username="root"), User.objects.create_user("bo", is_staff=True)

    send(client, edit(bo), is_superuser="on")

    bo.refresh_from_db()
    assert bo.is_superuser is False
    assert client.post(edit(root), {"username": "ny"}).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    assert client.post(password, {"password1": "et-langt-kodeord-9"}).status_code == 403


def test_nobody_is_erased(client: Client) -> None:
    bo = User.objects.create_user("bo")
    client.force_login(create_staff())

    assert client.post(reverse("admin:auth_user_delete", args=[bo.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.filter(username="bo").exists()


def test_nobody_locks_themselves_out(client: Client) -> None:
    mette = log_in(client, ADMINISTRATOR)
    fields = {**fields_of(client.get(edit(mette))), "groups": [], "is_active": []}

    refused = client.post(edit(mette), fields)

    assert errors_of(refused) == {
        "is_active": ["Du kan ikke gøre dig selv inaktiv. Bed en kollega om det."],
        "groups": ["Du kan ikke tage denne rolle fra dig selv. Bed en kollega om det."],
    }


def test_an_administrator_changes_the_sender(client: Client) -> None:
    log_in(client, ADMINISTRATOR)

    send(
        client, reverse("admin:invitations_sender_change", args=[1]), button="_save", name="KL's sekretariat"
    )

    assert Sender.objects.current().name == "KL's sekretariat"


def test_what_participants_need_is_seen_by_a_role_of_its_own_and_by_no_other() -> None:
    about_needs = {
        group.name: sorted(
            group.permissions.filter(content_type__model="specialneeds").values_list("codename", flat=True)
        )
        for group in Group.objects.all()
    }

    assert about_needs == {
        SECRETARIAT: [],
        READER: [],
        ADMINISTRATOR: [],
        SPECIAL_NEEDS: ["view_specialneeds"],
    }
