from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.factories import NOW


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Noon of 1 February 2027, from where on the clock runs; `clock.move_to(...)` travels on."""
    with time_machine.travel(NOW) as traveller:
        yield traveller
