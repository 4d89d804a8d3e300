"""The roles of staff, as groups whose permissions are ours: set anew after each migration.

The secretariat works with meetings, letters, addressees and answers; readers see the same and change nothing;
administrators look after users and settings. Who does several has several. What participants need is data
about health or faith (GDPR article 9): none of the three sees it; who orders the food has a further role.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

# Names of groups are data, and so in the language of those who use them.
SECRETARIAT = "Sekretariat"
READER = "Læser"
ADMINISTRATOR = "Administrator"
SPECIAL_NEEDS = "Mad og særlige behov"
ROLES = (SECRETARIAT, READER, ADMINISTRATOR, SPECIAL_NEEDS)

# What a letter's head and a mail's foot say, and who may log in, is not the daily work.
SETTINGS = {"sender"}
OURS = Q(content_type__app_label__in=["invitations", "registrations"])
NEEDS = Q(content_type__app_label="registrations", content_type__model="specialneeds")
LOGIN = Q(content_type__app_label="logins", codename__in=["view_loginsettings", "change_loginsettings"])
HISTORY = Q(content_type__app_label="admin", codename="view_logentry")


def permissions_of(role: str) -> QuerySet[Permission]:
    """What somebody with that role may do."""
    settings = Q(content_type__model__in=SETTINGS)
    viewing = Q(codename__startswith="view_")
    users = Q(content_type__app_label="auth", codename__in=["view_user", "add_user", "change_user"])
    wanted = {
        SECRETARIAT: OURS & ~NEEDS & (viewing | ~settings) | HISTORY,
        READER: OURS & ~NEEDS & viewing | HISTORY,
        ADMINISTRATOR: OURS & settings | users | LOGIN | HISTORY,
        SPECIAL_NEEDS: NEEDS & viewing,
    }
    return Permission.objects.filter(wanted[role])


def create_roles(app_configs: Iterable[AppConfig]) -> None:
    """Make the groups, and give each what it may do.

    Args:
        app_configs: the apps whose permissions have to be there first.
    """
    for app_config in app_configs:
        create_permissions(app_config, verbosity=0)
    for role in ROLES:
        group, _created = Group.objects.get_or_create(name=role)
        group.permissions.set(permissions_of(role))


def after_migration(sender: AppConfig, **_: Any) -> None:
    """Make the roles once all migrations have run; the permissions of all our apps are made before them."""
    from django.apps import apps

    labels = ("invitations", "registrations", "admin", "auth", "logins")
    create_roles([apps.get_app_config(label) for label in labels])
