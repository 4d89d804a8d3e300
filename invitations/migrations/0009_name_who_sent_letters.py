from __future__ import annotations

from django.db import migrations
from django.db.models import CharField, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim


def note_names(apps, schema_editor):
    """Dispatches of before have the names that their municipality and who sent them have now."""
    Dispatch = apps.get_model("invitations", "Dispatch")
    Invitation = apps.get_model("invitations", "Invitation")
    User = apps.get_model("auth", "User")
    full_name = Trim(Concat(F("first_name"), Value(" "), F("last_name")))
    name = Coalesce(NullIf(full_name, Value("")), F("username"), output_field=CharField())
    Dispatch.objects.update(
        municipality_name=Subquery(
            Invitation.objects.filter(pk=OuterRef("invitation")).values("municipality__official_name")
        ),
        dispatched_by_name=Coalesce(
            Subquery(User.objects.filter(pk=OuterRef("dispatched_by")).values_list(name)), Value("")
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("invitations", "0008_sending_letters"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(note_names, migrations.RunPython.noop)]
