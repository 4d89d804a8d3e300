"""Danish dates, times and numbers where Django's own Danish formats write or read them in another way.

Clock times have a full stop, as in KL's letters, and dates no leading zeros. The first of each list of input
formats is the one that an edited field shows; Django adds the ISO forms that browsers' own fields send.
"""

from __future__ import annotations

DATE_FORMAT = "j. F Y"
TIME_FORMAT = "G.i"
DATETIME_FORMAT = r"j. F Y \k\l. G.i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j. F"
SHORT_DATE_FORMAT = "j.n.Y"
SHORT_DATETIME_FORMAT = r"j.n.Y \k\l. G.i"
FIRST_DAY_OF_WEEK = 1

DATE_INPUT_FORMATS = [
    *("%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%d/%m %Y"),
    *("%d.%m.%y", "%d-%m-%y", "%d/%m/%y", "%d/%m %y"),
]
TIME_INPUT_FORMATS = ["%H.%M", "%H:%M", "%H", "kl. %H.%M", "kl. %H:%M", "kl. %H"]
DATETIME_INPUT_FORMATS = [f"{date} {time}" for date in DATE_INPUT_FORMATS for time in TIME_INPUT_FORMATS]

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "."
NUMBER_GROUPING = 3
