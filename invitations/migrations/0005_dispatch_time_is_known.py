from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invitations", "0004_dispatch_times")]

    operations = [
        migrations.AlterField(
            model_name="dispatch",
            name="dispatched_at",
            field=models.DateTimeField(verbose_name="dispatched"),
        ),
    ]
