"""One running portal's folder, ports, configuration and list of processes."""
from __future__ import annotations

import fcntl
import itertools
import json
import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ground.environment import HOME, ROOT

HOST = "127.0.0.1"
WEB_PORT = 5000
STOP_SECONDS = 20
# Every service has this variable, so that we find even a worker whose parent was killed.
MARK = "CIVICSWITCHBOARD_PORTAL"


@dataclass(frozen=True)
class Instance:
    """The demo's portal, or a test portal.

    :ivar name: ``demo`` or ``test``
    """

    name: str

    @property
    def for_tests(self) -> bool:
        """Whether it's for tests or a benchmark, so its data aren't needed afterward."""
        return self.name != "demo"

    @property
    def folder(self) -> Path:
        """The folder of its data, logs and configuration."""
        return HOME / self.name

    @property
    def ini(self) -> Path:
        """The CKAN configuration, written again at each start."""
        return self.folder / "ckan.ini"

    @property
    def address(self) -> str:
        """The portal's address from its configuration."""
        return setting(self.ini, "ckan.site_url")

    @property
    def logs(self) -> Path:
        """The folder of its services' logs."""
        return self.folder / "logs"

    @property
    def processes(self) -> Processes:
        """The processes that were started for it."""
        return Processes(self.folder / "processes.json")

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Lock the instance while the block runs; the kernel releases it even after kill -9.

        :returns: whether it was free
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @property
    def secret_file(self) -> Path:
        """A secret that is created once, so sessions and tokens stay valid after a restart."""
        path = self.folder / "secret"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_private(path, secrets.token_urlsafe(32))
        return path

    @property
    def secret(self) -> str:
        """The password of the database and of Redis, and CKAN's secret key."""
        return self.secret_file.read_text()


@contextmanager
def free_instance(name: str) -> Iterator[Instance]:
    """The first instance that no other run has locked: ``test``, ``test-2`` and so on."""
    for number in itertools.count(1):
        instance = Instance(name if number == 1 else f"{name}-{number}")
        with instance.held() as free:
            if free:
                yield instance
                return


def free_port() -> int:
    """A free port on this machine."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def port_taken(port: int) -> bool:
    """Whether a program is listening on a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def started_at(pid: int) -> str | None:
    """When a process started, in kernel ticks, or None if it doesn't exist.

    A process number is used again after a while: with its start it is one process's own.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    # proc(5): the third field is the state, the 22nd the start time.
    return None if fields[0] == "Z" else fields[19]


@dataclass(frozen=True)
class Processes:
    """The started processes, in a file, so that a later run can clean up after a crash."""

    path: Path

    def remember(self, name: str, pid: int) -> None:
        """Record a process that was just started."""
        known = self._read()
        known[name] = {"pid": pid, "started": started_at(pid)}
        self._write(known)

    def alive(self) -> dict[str, int]:
        """The recorded processes that still run, in the order they were started."""
        return {
            name: each["pid"]
            for name, each in self._read().items()
            if each["started"] and started_at(each["pid"]) == each["started"]
        }

    def clear(self) -> list[str]:
        """End every recorded process that still runs, last started first.

        :returns: the names of those ended
        """
        ended = []
        for name, pid in reversed(self.alive().items()):
            end(pid, signal.SIGINT if name == "PostgreSQL" else signal.SIGTERM)
            ended.append(name)
        for pid in marked(self.path.parent):
            end(pid)
            ended.append(f"process {pid}")
        self.path.unlink(missing_ok=True)
        return ended

    def _read(self) -> dict[str, Any]:
        try:
            known = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _write(self, known: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(known, indent=1))
        # If we're killed here, either the old or the new file remains, never half of one.
        new.replace(self.path)


def marked(folder: Path) -> list[int]:
    """The running processes with an instance's variable, and those of its database.

    PostgreSQL writes their titles over their environment. The ones of a server that was killed
    still hold its memory for a moment, and the next server doesn't start beside them.
    """
    mark = f"{MARK}={folder}".encode()
    return [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if int(entry.name) != os.getpid()
        and (mark in _environment_of(entry) or is_database_process(entry, folder / "postgresql"))
    ]


def is_database_process(process: Path, data: Path) -> bool:
    """Whether a process belongs to PostgreSQL's database cluster.

    :param process: its folder under ``/proc``
    :param data: the cluster's folder
    """
    try:
        program, works_in = (Path(os.readlink(process / link)) for link in ("exe", "cwd"))
    except OSError:
        return False
    return program.name == "postgres" and works_in == data


def _environment_of(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def end(pid: int, sign: int = signal.SIGTERM) -> None:
    """End a process and its group, by force if it takes too long."""
    began = started_at(pid)
    if began is None:
        return
    for each in (sign, signal.SIGKILL):
        _signal(pid, each)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if started_at(pid) != began:
                return
            time.sleep(0.05)


def _signal(pid: int, sign: int) -> None:
    try:
        if os.getpgid(pid) == pid:
            os.killpg(pid, sign)
        else:
            os.kill(pid, sign)
    except ProcessLookupError:
        pass


def setting(ini: Path, name: str) -> str:
    """A setting of a configuration that was written here.

    :raises KeyError: when it says nothing
    """
    for line in ini.read_text().splitlines():
        key, _, value = line.partition("=")
        if key.strip() == name:
            return value.strip()
    raise KeyError(name)


def write_ini(instance: Instance, ports: dict[str, int]) -> None:
    """Write the CKAN configuration for the ports of this start.

    The tests' one begins with test.ini, so that what is set there holds.

    :param ports: ``postgresql``, ``redis``, ``solr`` and ``web``
    """
    secret = instance.secret
    settings = {
        "SECRET_KEY": secret,
        "api_token.jwt.encode.secret": f"string:{secret}",
        "api_token.jwt.decode.secret": f"string:{secret}",
        "ckan.site_url": f"http://{HOST}:{ports['web']}",
        "sqlalchemy.url": f"postgresql://ckan:{secret}@{HOST}:{ports['postgresql']}/ckan",
        "ckan.redis.url": f"redis://:{secret}@{HOST}:{ports['redis']}/0",
        "solr_url": f"http://{HOST}:{ports['solr']}/solr/ckan",
        "ckan.storage_path": str(instance.folder / "storage"),
        "ckan.webassets.path": str(instance.folder / "webassets"),
        "civicswitchboard.gazetteer": str(ROOT / "demo/civicswitchboard_demo/places.geojson"),
    }
    base = "egg:ckan"
    if instance.for_tests:
        base = f"config:{ROOT / 'test.ini'}"
    else:
        settings |= DEMO
    lines = ["[app:main]", f"use = {base}", *(f"{key} = {value}" for key, value in settings.items())]
    instance.ini.parent.mkdir(parents=True, exist_ok=True)
    write_private(instance.ini, "\n".join(lines) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)


DEMO = {
    "ckan.site_id": "civicswitchboard-demo",
    "ckan.site_title": "Tamber Valley Open Data",
    "ckan.site_intro_text": "Data of the Tamber Valley, from its libraries, its data center, its"
    " governments and its neighbors. All demo data are fictional.",
    "ckan.site_description": "Data of a region, from its libraries, governments and neighbors",
    "ckan.plugins": "civicswitchboard civicswitchboard_datasets civicswitchboard_organizations"
    " activity spatial_metadata spatial_query",
    "ckanext.spatial.search_backend": "solr-spatial-field",
    "solr_timeout": "10",
    # Contact nothing outside this machine, not even for an account's picture.
    "ckan.gravatar_default": "disabled",
    "ckan.views.default_views": "",
    "ckan.auth.create_unowned_dataset": "false",
    "ckan.auth.user_create_organizations": "false",
    "ckan.auth.user_create_groups": "false",
    "ckan.tracking_enabled": "false",
}
