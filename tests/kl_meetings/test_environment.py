from __future__ import annotations

from django.conf import settings


def test_nothing_is_wrong_with_the_environment_of_the_tests() -> None:
    assert settings.ENVIRONMENT_PROBLEMS == ()
