"""How much has been sent through the public forms: numbers, and nothing that says by whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connections, models, router


class SendCountManager(models.Manager["SendCount"]):
    def add(self, counts: Mapping[str, int], *, until: datetime) -> dict[str, int]:
        """Count on; return by digest what each has come to.

        One statement, which PostgreSQL and SQLite read alike: two processes that count the same at the same
        time wait for each other no longer than that takes, and neither loses a count. In one order, so that
        they cannot wait for each other in a circle. Whoever calls it in a transaction holds these rows until
        its end.

        Args:
            counts: by digest, how much is added.
            until: when the period ends, aware; from then on the row is of no use.
        """
        if not counts:
            return {}
        connection = connections[router.db_for_write(self.model)]
        table = connection.ops.quote_name(self.model._meta.db_table)
        rows = ", ".join(["(%s, %s, %s)"] * len(counts))
        moment = connection.ops.adapt_datetimefield_value(until)
        values = [value for digest, count in sorted(counts.items()) for value in (digest, count, moment)]
        # Names and placeholders of our own; what was counted comes as parameters.
        upsert = (
            f"INSERT INTO {table} (digest, count, until) VALUES {rows} "  # noqa: S608
            f"ON CONFLICT (digest) DO UPDATE SET count = {table}.count + excluded.count "
            "RETURNING digest, count"
        )
        with connection.cursor() as cursor:
            cursor.execute(upsert, values)
            return dict(cursor.fetchall())


class SendCount(models.Model):
    """What was sent in one period from one network, by one link, or to one mailbox (see `send_limits`)."""

    digest = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    objects = SendCountManager()

    class Meta:
        # Nobody looks at them; so no role is given a right to them either.
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.count}"
