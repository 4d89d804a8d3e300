"""Who may open and who may change what in the admin: each address by each role.

The table is written from what roles are for (`kl_meetings/roles.py`), not from what the code does. An address
that it does not know fails the tests, so that nobody adds a page without saying whose it is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from kl_meetings.roles import ADMINISTRATOR, READER, SECRETARIAT, SPECIAL_NEEDS
from tests.whole_site import APP_LIST, changed_tables, create_site, dump, routes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite,
    pytest.mark.django_db,
    pytest.mark.usefixtures("clock"),
]

# Who comes to the login first, and who may look at what staff work with.
STRANGERS = ("anonymous", "inactive", "not staff")
READER_OF_NEEDS = f"{READER} + {SPECIAL_NEEDS}"
WORKERS = (SECRETARIAT, READER, READER_OF_NEEDS)
STAFF = (*WORKERS, ADMINISTRATOR, SPECIAL_NEEDS, "no role")

# What the secretariat does, and a reader sees.
WORK = "secretariat changes, reader sees"
# What nobody writes by hand, and both see.
SEEN = "secretariat and reader see, nobody changes"
# The pages before and behind verbs.
VERB = "secretariat alone"
# The list in a file: who takes it along is written down, so it is asked for by POST.
TAKEN_ALONG = "participants/xlsx/"
# The role of needs is one beside another: alone it leads to no meeting.
NEEDS = "who has both roles alone"
SETTINGS = "administrator changes, secretariat and reader see"
USERS = "administrator alone"
HISTORY = "secretariat, reader and administrator see, nobody changes"
ANYBODY = "whoever may log in"
NOBODY = "nobody"

READ: dict[str, tuple[str, ...]] = {
    WORK: WORKERS,
    SEEN: WORKERS,
    VERB: (SECRETARIAT,),
    NEEDS: (READER_OF_NEEDS,),
    SETTINGS: (*WORKERS, ADMINISTRATOR),
    USERS: (ADMINISTRATOR,),
    HISTORY: (*WORKERS, ADMINISTRATOR),
    ANYBODY: STAFF,
    NOBODY: (),
}
WRITTEN: dict[str, tuple[str, ...]] = {
    WORK: (SECRETARIAT,),
    SEEN: (),
    VERB: (SECRETARIAT,),
    NEEDS: (),
    SETTINGS: (ADMINISTRATOR,),
    USERS: (ADMINISTRATOR,),
    HISTORY: (),
    ANYBODY: STAFF,
    NOBODY: (),
}


def of_model(model: str, rows: str, *, add: str, change: str, delete: str) -> dict[str, str]:
    """The addresses that Django makes for a model: its list, its objects and what is done with them."""
    return {
        f"{model}/": rows,
        f"{model}/add/": add,
        f"{model}/<path:object_id>/": ANYBODY,  # leads on to the page of the object, which asks
        f"{model}/<path:object_id>/history/": rows,
        f"{model}/<path:object_id>/delete/": delete,
        f"{model}/<path:object_id>/change/": change,
    }


def below(address: str, rights: dict[str, str]) -> dict[str, str]:
    return {f"{address}{rest}": right for rest, right in rights.items()}


RIGHTS = {
    "": ANYBODY,
    "password_change/": ANYBODY,
    "password_change/done/": ANYBODY,
    **of_model("admin/logentry", HISTORY, add=NOBODY, change=HISTORY, delete=NOBODY),
    **of_model("auth/user", USERS, add=USERS, change=USERS, delete=NOBODY),
    **below(
        "auth/user/", {"<id>/password/": USERS, "<int:pk>/second-step/": USERS, "<int:pk>/tries/": USERS}
    ),
    **of_model("logins/loginsettings", USERS, add=NOBODY, change=USERS, delete=NOBODY),
    "logins/loginsettings/": ANYBODY,  # leads on to the one page, which asks
    **below("account/", {"": ANYBODY, "new-codes/": ANYBODY, "turn-off/": ANYBODY}),
    **of_model("invitations/area", WORK, add=VERB, change=WORK, delete=VERB),
    **of_model("invitations/municipality", WORK, add=VERB, change=WORK, delete=VERB),
    **of_model("invitations/policyarea", WORK, add=VERB, change=WORK, delete=VERB),
    **of_model("invitations/office", WORK, add=VERB, change=WORK, delete=VERB),
    **of_model("invitations/invitation", SEEN, add=NOBODY, change=SEEN, delete=NOBODY),
    **of_model("invitations/dispatch", SEEN, add=NOBODY, change=SEEN, delete=NOBODY),
    **of_model("invitations/outgoingemail", SEEN, add=NOBODY, change=SEEN, delete=NOBODY),
    # Its list leads on to the one sender.
    **of_model("invitations/sender", SETTINGS, add=NOBODY, change=SETTINGS, delete=NOBODY),
    **of_model("invitations/letter", WORK, add=VERB, change=WORK, delete=VERB),
    # A published meeting is cancelled, not deleted.
    **of_model("invitations/meeting", WORK, add=VERB, change=WORK, delete=NOBODY),
    **of_model("registrations/decline", SEEN, add=NOBODY, change=SEEN, delete=NOBODY),
    **of_model("registrations/participant", SEEN, add=NOBODY, change=WORK, delete=NOBODY),
    **of_model("registrations/registration", SEEN, add=NOBODY, change=WORK, delete=NOBODY),
    "invitations/sender/logo/": SETTINGS,
    **below(
        "invitations/office/",
        {
            "import/": VERB,
            "import/preview/": VERB,
            "export.xlsx": WORK,
            "export.csv": WORK,
            "unreachable/": WORK,
            "unreachable.xlsx": WORK,
            "mark/<slug:name>/": VERB,
            "end-term/": VERB,
        },
    ),
    **below(
        "invitations/outgoingemail/<int:object_id>/",
        {"html/": SEEN, "attachments/<int:attachment_id>/": SEEN, "resend/": VERB},
    ),
    "registrations/participant/<int:object_id>/withdraw/": VERB,
    "registrations/registration/matching/": WORK,
    "registrations/registration/<int:object_id>/match/": VERB,
    **below("invitations/letter/", {"live/": VERB, "live/pdf/": VERB}),
    **below(
        "invitations/letter/<int:object_id>/",
        {
            "live/": VERB,
            "live/pdf/": VERB,
            "preview/": SEEN,
            "pdf/": SEEN,
            "page/": SEEN,
            "enclosures/<int:enclosure_id>/": SEEN,
            "send/": VERB,
            "test/": VERB,
            "schedule/": VERB,
            "call-off/": VERB,
            "late/": VERB,
            "resend/": VERB,
            "dispatches/<int:dispatch_id>/corrected/": VERB,
            "personal/<int:personal_id>/": SEEN,
            "progress/": SEEN,
        },
    ),
    **below(
        "invitations/meeting/<int:object_id>/",
        {
            "publish/": VERB,
            "letters/new/": VERB,
            "copy/": VERB,
            "copy/suggestions/": VERB,
            "ledger/": WORK,
            "ledger.xlsx": WORK,
            "ledger/write/": VERB,
            "ledger/<str:code>/": WORK,
            "ledger/<str:code>/write/": VERB,
            "ledger/<str:code>/link/": VERB,
            "ledger/<str:code>/register/": VERB,
            "ledger/<str:code>/deadline/": VERB,
            "ledger/<str:code>/decline/": VERB,
            "ledger/<str:code>/undo-decline/": VERB,
            "registrations/<int:pk>/change/": VERB,
            "participants/": WORK,
            TAKEN_ALONG: WORK,
            "participants/door-list/": WORK,
            "participants/name-badges/": WORK,
            "waiting-list/": WORK,
            "needs/": NEEDS,
            "participants/guests/": VERB,
            "matching/": WORK,
            "reminders/": WORK,
            "reminders/mail/<str:reminder>/": WORK,
            "reminders/mail/<str:reminder>/html/": WORK,
            "reminders/pause/": VERB,
            "reminders/resume/": VERB,
            "reminders/send/": VERB,
            "correction/": WORK,
            "correction/letter/": VERB,
            "cancel/": VERB,
            "cancel/letter/": VERB,
            "figures/": WORK,
            "events/": WORK,
        },
    ),
}
# Of no page in particular: they show nothing, or only what the pages themselves show.
FOR_ALL = (
    *(f"login/{step}/" for step in ("code", "set-up", "cancel", "provider", "provider/back")),
    *("login/", "logout/", "jsi18n/", "autocomplete/", "(?P<url>.*)$"),
    *("r/<path:content_type_id>/<path:object_id>/", APP_LIST.removeprefix("admin/")),
)


@pytest.fixture(autouse=True)
def in_silence() -> Iterator[None]:
    """That pages are refused is what is asked here, and need not be reported."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def log_in(role: str) -> Client:
    client = Client()
    if role != "anonymous":
        user = User.objects.create_user(role, is_staff=role != "not staff")
        user.groups.set(
            Group.objects.filter(name__in=[SECRETARIAT] if role in STRANGERS else role.split(" + "))
        )
        client.force_login(user)
        if role == "inactive":
            User.objects.filter(pk=user.pk).update(is_active=False)
    return client


def admin_routes() -> list[str]:
    return [route.removeprefix("admin/") for route in routes() if route.startswith("admin/")]


def outcome(response: Any) -> str:
    if response.headers.get("Location", "").startswith("/admin/login/"):
        return "login"
    return {403: "refused", 404: "not found", 405: "no such method"}.get(response.status_code, "allowed")


def test_every_address_of_the_admin_is_somebody_s() -> None:
    assert sorted({*RIGHTS, *FOR_ALL}) == sorted(set(admin_routes()))


@pytest.mark.parametrize("role", STAFF)
def test_each_role_may_do_what_it_is_for_and_nothing_else(role: str) -> None:
    """What verbs do for those who may is shown by the tests of each; here nobody may do anything else.

    A page that one may only look at may be shown again to who posts to it.
    """
    site, client = create_site(), log_in(role)
    found = {}

    before = dump()
    for route, right in RIGHTS.items():
        may_read, may_write = role in READ[right], role in WRITTEN[right]
        shown = outcome(client.get(site[f"admin/{route}"]))
        if shown != "no such method" and (shown == "allowed") != may_read:
            found["GET", route] = shown
        if not may_write:
            sent = outcome(client.post(site[f"admin/{route}"]))
            if sent not in ("refused", "no such method") and not (may_read and sent == "allowed"):
                found["POST", route] = sent

    assert found == {}
    noted = ["django_admin_log"] if role in (READER, READER_OF_NEEDS) else []
    assert changed_tables(before, dump()) == noted


@pytest.mark.parametrize("role", STRANGERS)
def test_strangers_are_asked_to_log_in_everywhere(role: str) -> None:
    site, client = create_site(), log_in(role)

    found = {
        (method, route): outcome(client.generic(method, site[f"admin/{route}"]))
        for method in ("GET", "POST")
        for route in RIGHTS
    }

    assert {at: result for at, result in found.items() if result != "login"} == {}
