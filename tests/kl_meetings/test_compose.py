"""Docker's files, without Docker: they follow its schema, and what they start does start."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.db import connection

from kl_meetings.models import Heartbeat
from tests import servers
from tests.faults.workers import database_url
from tests.kl_meetings.processes import KEY, environment
from tests.kl_meetings.test_processes import eventually

COMPOSE = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
DOCKERFILE = (settings.BASE_DIR / "Dockerfile").read_text()


def test_the_compose_file_follows_the_schema_of_the_compose_specification() -> None:
    checked = subprocess.run(
        [
            Path(sys.executable).parent / "check-jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            settings.BASE_DIR / "docker-compose.yml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_each_service_may_do_no_more_than_it_must(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "cpus", "stop_grace_period", "logging", "restart"} <= service.keys()
    assert "build" in service or service["user"] in ("postgres", "redis")
    assert not any(
        "PASSWORD" in name and not name.endswith("_FILE") for name in service.get("environment", ())
    )


def test_our_image_runs_as_nobody_who_may_change_it() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert "build-essential" not in DOCKERFILE


def test_each_long_lived_service_is_asked_for_its_health() -> None:
    assert {name for name in SERVICES if "healthcheck" not in SERVICES[name]} == {"migrate"}


def test_each_secret_is_a_file_that_is_handed_to_whoever_names_it() -> None:
    for service in SERVICES.values():
        named = {
            value for value in (service.get("environment") or {}).values() if "/run/secrets/" in str(value)
        }
        assert named == {f"/run/secrets/{name}" for name in service.get("secrets", [])}
    assert COMPOSE["secrets"].keys() == {
        name for service in SERVICES.values() for name in service.get("secrets", [])
    }


def test_the_image_begins_what_the_web_service_does() -> None:
    command = re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)

    assert [yaml.safe_load(words) for words in command] == [SERVICES["web"]["command"]]


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_every_command_starts_and_every_health_check_of_it_passes(tmp_path: Path) -> None:
    port = servers.free_port()
    (tmp_path / "secret_key").write_text(KEY)
    (tmp_path / "database_url").write_text(database_url())
    (tmp_path / "email_url").write_text("smtp://127.0.0.1:9")
    variables = environment(
        **SERVICES["web"]["environment"]
        | {"DATA_DIR": str(tmp_path / "var"), "REDIS_URL": settings.REDIS_URL}
        | {f"{name.upper()}_FILE": str(tmp_path / name) for name in SERVICES["web"]["secrets"]},
        PUBLIC_URL="https://tilmeld.example",
        GUNICORN_CMD_ARGS=f"--bind 127.0.0.1:{port} --workers 1",
        HOSTNAME=socket.gethostname(),
    )
    variables["PATH"] = f"{Path(sys.executable).parent}:{variables['PATH']}"

    def is_healthy(name: str) -> bool:
        kind, *test = SERVICES[name]["healthcheck"]["test"]
        words = [
            word.replace("$$", "$")
            .replace(":8000", f":{port}")
            .replace("find var", f"find {tmp_path / 'var'}")
            for word in test
        ]
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        asked = subprocess.run(
            command, env=variables, cwd=settings.BASE_DIR, capture_output=True, check=False, timeout=60
        )
        return asked.returncode == 0

    migrated = subprocess.run(
        SERVICES["migrate"]["command"],
        env=variables,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr
    connection.close()
    log = tmp_path / "log"
    running = {}
    with log.open("w") as file:
        try:
            for name in ("web", "worker", "beat"):
                running[name] = subprocess.Popen(
                    SERVICES[name]["command"],
                    env=variables,
                    cwd=settings.BASE_DIR,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                )
            for name in running:
                healthy: Callable[[], bool] = lambda name=name: is_healthy(name)  # type: ignore[misc] # noqa: E731
                assert eventually(healthy), f"{name}: {log.read_text()}"
            assert eventually(Heartbeat.objects.exists), log.read_text()
        finally:
            for process in running.values():
                process.terminate()
            codes = {name: process.wait(60) for name, process in running.items()}
    assert codes == {"web": 0, "worker": 0, "beat": 0}
    told = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert {"gunicorn.error", "celery.apps.worker"} <= {line["logger"] for line in told}
