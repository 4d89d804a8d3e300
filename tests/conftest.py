from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
import time_machine
from django.conf import settings
from django.utils import translation

from tests.factories import NOW

# A busy machine fails no test for being slow, and each run tries the same examples.
hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("steady")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Noon of 1 February 2027, from where on the clock runs; `clock.move_to(...)` travels on."""
    with time_machine.travel(NOW) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def danish() -> Iterator[None]:
    """Each test begins in Danish, even where the one before it asked for an English page."""
    with translation.override(settings.LANGUAGE_CODE):
        yield
