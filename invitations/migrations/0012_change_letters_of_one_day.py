from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invitations", "0011_mails_about_delegations"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="letter",
            name="letter_is_known_by_meeting_kind_and_date",
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "change"), _negated=True),
                fields=("meeting", "kind", "date"),
                name="letter_is_known_by_meeting_kind_and_date",
                violation_error_message="The meeting has a letter of this kind and date already.",
            ),
        ),
    ]
