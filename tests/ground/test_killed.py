"""A portal that is killed leaves nothing, and starts again."""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ground.environment import HOME
from ground.instance import Instance, setting, started_at
from redis import Redis
from redis.exceptions import AuthenticationError

SUPERVISOR = """
import sys, time
sys.path.insert(0, sys.argv[1])
from ground import running
from ground.instance import Instance
instance = Instance(sys.argv[2])
running.end_by_signals()
try:
    with instance.held() as free:
        assert free
        running.clear(instance)
        with running.services_of(instance, 1):
            print("ready", flush=True)
            time.sleep(300)
except running.Stopped:
    pass
"""


@pytest.fixture
def instance() -> Iterator[Instance]:
    tiny = Instance(f"tiny-{os.getpid()}")
    yield tiny
    tiny.processes.clear()
    shutil.rmtree(tiny.folder)


def start(instance: Instance) -> subprocess.Popen[str]:
    programs = str(Path(__file__).resolve().parents[2] / "bin")
    command = [sys.executable, "-c", SUPERVISOR, programs, instance.name]
    supervisor = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout
    assert any(line == "ready\n" for line in supervisor.stdout)
    return supervisor


def ended(pids: list[int]) -> bool:
    deadline = time.monotonic() + 10
    while any(started_at(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(started_at(pid) for pid in pids)


def test_services_end_with_a_killed_supervisor_and_start_again(instance: Instance) -> None:
    supervisor = start(instance)
    alive = instance.processes.alive()
    assert list(alive) == ["Supervisor", "PostgreSQL", "Redis", "Solr"]
    supervisor.kill()
    supervisor.communicate()
    assert ended(list(alive.values()))

    again = start(instance)
    alive = instance.processes.alive()
    assert len(alive) == 4
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=30)
    assert ended(list(alive.values()))
    assert not instance.processes.path.exists()


@pytest.mark.parametrize("killed", [["Supervisor"], ["Supervisor", "PostgreSQL", "Redis", "Solr"]])
def test_it_starts_again_right_after_a_kill(instance: Instance, killed: list[str]) -> None:
    supervisor = start(instance)
    alive = instance.processes.alive()
    for name in killed:
        os.kill(alive[name], signal.SIGKILL)
    again = start(instance)
    supervisor.communicate()
    assert len(instance.processes.alive()) == 4
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=30)


def test_a_service_that_ends_by_itself_is_named_with_its_log(instance: Instance) -> None:
    supervisor = start(instance)
    redis = instance.processes.alive()["Redis"]
    os.kill(redis, signal.SIGKILL)
    assert ended([redis])
    supervisor.send_signal(signal.SIGTERM)
    said, _ = supervisor.communicate(timeout=30)
    assert "! Redis ended by itself, with exit code -9. The last lines of its log:\n    " in said
    assert "Ready to accept connections" in said
    assert "Solr ended" not in said


def test_what_it_writes_is_for_its_owner_only(instance: Instance) -> None:
    supervisor = start(instance)
    supervisor.send_signal(signal.SIGTERM)
    supervisor.communicate(timeout=30)
    written = [instance.folder, *instance.folder.rglob("*")]
    assert len(written) > 100
    assert [each for each in written if each.stat().st_mode & 0o077] == []
    assert HOME.stat().st_mode & 0o077 == 0


def test_redis_answers_only_with_the_password_that_no_argument_shows(instance: Instance) -> None:
    supervisor = start(instance)
    url = setting(instance.ini, "ckan.redis.url")
    process = instance.processes.alive()["Redis"]
    try:
        assert Redis.from_url(url).ping()
        with pytest.raises(AuthenticationError):
            Redis.from_url(url.replace(instance.secret, "another")).ping()
        with pytest.raises(AuthenticationError):
            Redis.from_url(url.replace(f":{instance.secret}@", "")).ping()
        assert instance.secret.encode() not in Path(f"/proc/{process}/cmdline").read_bytes()
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.communicate(timeout=30)
