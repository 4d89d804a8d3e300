from __future__ import annotations

from django.db import migrations
from django.db.models import OuterRef, Subquery


def note_when_letters_went_out(apps, schema_editor):
    """Dispatches of before have no time of their own: theirs is that of their mail, and who sent the letter."""
    Dispatch = apps.get_model("invitations", "Dispatch")
    OutgoingEmail = apps.get_model("invitations", "OutgoingEmail")
    Letter = apps.get_model("invitations", "Letter")
    Dispatch.objects.update(
        dispatched_at=Subquery(OutgoingEmail.objects.filter(pk=OuterRef("email")).values("owed_at")),
        dispatched_by=Subquery(Letter.objects.filter(pk=OuterRef("letter")).values("sent_by")),
    )


class Migration(migrations.Migration):
    dependencies = [("invitations", "0003_workbench")]

    operations = [migrations.RunPython(note_when_letters_went_out, migrations.RunPython.noop)]
