"""What delivering costs: CPU milliseconds of worker and database for each mail, and the number of mails.

python -m benchmarks.delivering    (in the environment of `benchmarks.web`, whose mails it delivers)
"""

from __future__ import annotations

import os
import sys

import django

WARM = 4


def main() -> None:
    from django.utils import timezone

    from benchmarks.measuring import cpu_s, server_process
    from invitations.mail import deliver_due

    processes = [os.getpid(), server_process(os.environ["DATABASE_URL"])]
    warm = deliver_due(at=timezone.now(), limit=WARM)
    before = cpu_s(processes)
    count = 0
    while taken := deliver_due(at=timezone.now()):
        count += taken
    print((cpu_s(processes) - before) * 1000 / max(1, count), count + warm)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "kl_meetings.settings"
    django.setup()
    sys.exit(main())
