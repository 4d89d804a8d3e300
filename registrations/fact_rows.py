"""Which rows of facts are the same one, then and now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from registrations.differences import Facts

Pair = tuple[Facts, Facts]
Rule = Callable[[Facts, Facts], bool]


def matched(
    before: Sequence[Facts], now: Sequence[Facts], *rules: Rule
) -> tuple[list[Pair], list[Facts], list[Facts]]:
    """The rows that are the same, by the first of `rules` that says so; those gone; those that are new.

    Ids alone do not tell: a row that is typed in the middle of a meeting file moves those of all below it.
    """
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for rule in rules:
        for number, old in enumerate(before):
            if number in partner:
                continue
            free = (n for n, new in enumerate(now) if n not in taken and rule(old, new))
            if (found := next(free, None)) is not None:
                partner[number] = found
                taken.add(found)
    return (
        [(before[number], now[partner[number]]) for number in sorted(partner)],
        [old for number, old in enumerate(before) if number not in partner],
        [new for number, new in enumerate(now) if number not in taken],
    )


def same(*names: str) -> Rule:
    """The rule that rows which agree in all of `names` are the same."""
    return lambda old, new: all(name in old and old[name] == new[name] for name in names)
