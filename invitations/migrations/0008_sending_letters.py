from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invitations", "0007_correction_mails"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="dispatch",
            name="dispatched_by_name",
            field=models.CharField(blank=True, max_length=310, verbose_name="dispatched by, as called then"),
        ),
        migrations.AddField(
            model_name="dispatch",
            name="municipality_name",
            field=models.CharField(blank=True, max_length=80, verbose_name="municipality as written to"),
        ),
        migrations.AddField(
            model_name="letterversion",
            name="logo",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="invitations.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="letterversion",
            name="mail_words",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="personalletter",
            name="municipality_name",
            field=models.CharField(default="", max_length=80, verbose_name="municipality as printed"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="personalletter",
            name="claim_token",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="personalletter",
            name="problem",
            field=models.TextField(blank=True, verbose_name="why it could not be made"),
        ),
        migrations.AddIndex(
            model_name="dispatch",
            index=models.Index(
                condition=models.Q(("email", None)), fields=["letter"], name="dispatch_awaits_its_mail"
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("send_at__isnull", False)), fields=["send_at"], name="letter_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_personal", False), ("kind__in", ["invitation", "change"]), _connector="OR"
                ),
                name="letter_is_personal_only_where_it_asks",
                violation_error_message="Only an invitation or a change has a link of its own for each municipality.",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("send_at", None), ("send_by", None)),
                    models.Q(("send_at__isnull", False), ("send_by__isnull", False), ("sent_at", None)),
                    _connector="OR",
                ),
                name="letter_waits_for_its_time_only_as_a_draft",
                violation_error_message="Only a draft waits for its time, and somebody has said so.",
            ),
        ),
    ]
