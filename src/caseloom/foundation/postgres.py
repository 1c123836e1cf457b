"""A PostgreSQL server of Caseloom's own: in one folder, on a Unix socket, under no rights but a plain user's.

    EmbeddedPostgres(Path(".caseloom/postgres")).start()   # "postgresql://caseloom@/caseloom?host=..."

PostgreSQL refuses to run as root. Started by root, the server runs as a user that exists already (`postgres`,
else `nobody`); where this user cannot reach the folder (below a closed home), data and programs go to
`/var/lib/caseloom`, and the folder keeps a link. No right of any other folder is changed. There is no TCP, so
no password: whoever may open the socket's folder (the server's user and root) could read the data files as
well.

Durability is PostgreSQL's own: fsync is on. The server log holds no statement and no value, so no personal
data.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg
from psycopg import sql

from caseloom.foundation.postgres_binaries import Binaries, copy_binaries, find_binaries

USER = "caseloom"
DATABASE = "caseloom"
# The name of a Unix socket holds 107 bytes (unix(7), sun_path); PostgreSQL adds "/.s.PGSQL.5432" to the
# folder.
LONGEST_SOCKET_FOLDER = 90
START_SECONDS = 120
ROOT_SHELTER = Path("/var/lib/caseloom")
SERVER_USERS = ("postgres", "nobody")

SETTINGS = """\
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 8MB
maintenance_work_mem = 128MB
max_parallel_workers_per_gather = 1
jit = off
random_page_cost = 1.1
wal_compression = on
max_wal_size = 2GB
checkpoint_timeout = 15min
autovacuum_vacuum_scale_factor = 0.05
autovacuum_analyze_scale_factor = 0.05
timezone = 'UTC'
log_timezone = 'UTC'
# Above ERROR, without detail and statement: those would carry values that a person gave.
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
logging_collector = on
log_directory = '../log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_checkpoints = off
"""


class PostgresStartError(RuntimeError):
    """The embedded server did not start or stop; the message holds the last lines of its log."""


class EmbeddedPostgres:
    """The server whose data live in `folder`; several processes may hold one each of the same folder.

    `environ` is where `CASELOOM_PG_BIN` and the search path are read.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str] = os.environ) -> None:
        self._folder = folder.absolute()
        self._environ = environ
        self._account = _server_account()

    @property
    def place(self) -> Path:
        """Where the data really are: the folder itself, or its shelter when the server's user cannot reach
        the folder.
        """
        link = self._folder / "place"
        return link.resolve() if link.is_symlink() else self._folder

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.place / "data"

    @property
    def socket_folder(self) -> Path:
        """The folder of the server's Unix socket: below the data's place, or a short one below /tmp for a
        long path.
        """
        below = self.place / "run"
        if len(os.fsencode(below)) <= LONGEST_SOCKET_FOLDER:
            return below
        return Path("/tmp") / f"caseloom-{hashlib.sha256(os.fsencode(below)).hexdigest()[:16]}"  # noqa: S108

    @property
    def url(self) -> str:
        """The address of the database `caseloom`, for `DATABASE_URL`."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The address of any database on this server."""
        return f"postgresql://{USER}@/{quote(database)}?host={quote(str(self.socket_folder), safe='')}"

    def start(self) -> str:
        """Start the server, or join it when it runs; returns its address.

        Raises `PostgresMissingError` without usable programs, `PostgresStartError` when the server does not
        come up.
        """
        self._folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        with self._lock():
            if not self._joined():
                self._settle_place()
                binaries = self._reachable_binaries()
                self._initialise(binaries)
                self._launch(binaries)
            self._create_database()
        return self.url

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server that runs now and wait until it is gone; nothing happens when none runs.

        `immediate` is a crash on purpose: the next start recovers from the log. Raises `PostgresStartError`.
        """
        stopping = self._processes()
        if not stopping:
            return
        program = self._reachable_binaries().path("pg_ctl")
        # pg_ctl's own waiting (-w) reads the lock file again and again, and would wait for the end of a server that a
        # supervisor has started in place of the stopped one.
        answer = self._run([program, "stop", "-D", str(self.data), "-m", mode, "-W"])
        if not self._wait_until_gone(stopping, START_SECONDS):
            raise PostgresStartError(f"The database in {self.data} did not stop: {answer.stdout.strip()}")

    def running(self) -> bool:
        """Whether the server takes connections now, by `pg_isready`."""
        if not (self.data / "PG_VERSION").exists():
            return False
        program = find_binaries(self._environ, self._data_major()).path("pg_isready")
        command = [program, "-q", "-h", str(self.socket_folder), "-U", USER, "-d", "postgres"]
        return subprocess.run(command, env=self._clean_environment(), check=False).returncode == 0

    def remove(self) -> None:
        """Stop the server and delete its data for good."""
        self.stop("immediate")
        for folder in (self.socket_folder, self.place, self._folder):
            shutil.rmtree(folder, ignore_errors=True)

    def _joined(self) -> bool:
        """Whether a server runs already. One that is recovering or just dying is waited for, so that never
        two start.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self.running():
            processes = self._processes()
            if not processes:
                return False
            if time.monotonic() > deadline:
                raise PostgresStartError(f"Processes {processes} hold {self.data} but take no connections. End them.")
            time.sleep(0.02)
        return True

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """One starter at a time for a folder; the kernel frees the lock of a killed one."""
        with (self._folder / "start.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _settle_place(self) -> None:
        """Where root's folder is closed to the server's user, link it once to a folder of its own in the
        shelter.
        """
        if self._account and self.place == self._folder and not self._reaches(self._folder):
            ROOT_SHELTER.mkdir(mode=0o755, parents=True, exist_ok=True)
            shelter = Path(tempfile.mkdtemp(prefix="postgres-", dir=ROOT_SHELTER))
            shelter.chmod(0o711)
            (self._folder / "place").symlink_to(shelter)
        for folder in (self.data, self.place / "log", self.socket_folder):
            self._own_folder(folder)

    def _own_folder(self, folder: Path) -> None:
        """Make a folder that the server's user alone can open; refuse one that somebody else put there."""
        folder.mkdir(mode=0o700, exist_ok=True)
        wanted = self._account.pw_uid if self._account else os.geteuid()
        if folder.is_symlink() or folder.stat().st_uid not in (wanted, os.geteuid()):
            raise PostgresStartError(f"{folder} belongs to another user. Remove it, then start again.")
        if self._account:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        folder.chmod(0o700)

    def _reachable_binaries(self) -> Binaries:
        """Programs that the server's user can run; copied beside the data when theirs is a closed folder."""
        found = find_binaries(self._environ, self._data_major())
        if self._account is None or self._reaches(found.folder / "postgres"):
            return found
        copy = self.place / f"software-{found.major}"
        if not copy.exists():
            half = self.place / "software-half"
            shutil.rmtree(half, ignore_errors=True)
            copy_binaries(found, half)
            half.rename(copy)
        return Binaries(copy / found.folder.relative_to(found.package.parent), found.major)

    def _initialise(self, binaries: Binaries) -> None:
        if not (self.data / "PG_VERSION").exists():
            provider = ["--locale-provider=builtin"] if binaries.major >= 17 else []
            options = ["--locale=C.UTF-8", "--encoding=UTF8", "--auth-local=trust", "--auth-host=reject"]
            answer = self._run([binaries.path("initdb"), "-D", str(self.data), "-U", USER, *provider, *options])
            if answer.returncode != 0:
                raise PostgresStartError(f"initdb failed in {self.data}: {answer.stdout.strip()}")
            with (self.data / "postgresql.conf").open("a") as handle:
                handle.write("include = 'caseloom.conf'\n")
        self._write_settings()

    def _write_settings(self) -> None:
        """The settings are written anew at each start, so that a newer Caseloom or a moved folder brings its
        own.
        """
        folder = str(self.socket_folder).replace("'", "''")
        file = self.data / "caseloom.conf"
        file.write_text(f"{SETTINGS}unix_socket_directories = '{folder}'\n")
        if self._account:
            os.chown(file, self._account.pw_uid, self._account.pw_gid)

    def _launch(self, binaries: Binaries) -> None:
        # Nothing works in the data folder (see _joined), so a lock file is a killed server's. PostgreSQL
        # would trust the process number in it, which a zombie or (in a container) a stranger may bear by now.
        for left in (self.data / "postmaster.pid", *self.socket_folder.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)
        log = self.place / "log" / "start.log"
        command = [binaries.path("pg_ctl"), "start", "-D", str(self.data), "-l", str(log)]
        answer = self._run([*command, "-w", "-t", str(START_SECONDS)])
        if answer.returncode != 0 or not self.running():
            raise PostgresStartError(f"The database in {self.data} did not start.\n{self._last_log_lines()}")

    def _last_log_lines(self) -> str:
        files = sorted((self.place / "log").iterdir(), key=lambda file: file.stat().st_mtime)
        lines = [line for file in files for line in file.read_text(errors="replace").splitlines()]
        return "\n".join(lines[-12:])

    def _processes(self) -> list[int]:
        """Process numbers of this server: each of them works in the data folder. Without /proc: by the lock
        file.
        """
        if not Path("/proc/self").exists():
            return _living(self.data / "postmaster.pid")
        data = os.path.realpath(self.data)
        return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _working_folder(entry) == data]

    def _wait_until_gone(self, processes: list[int], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not set(processes).isdisjoint(self._processes()):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _create_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))

    def _data_major(self) -> int | None:
        file = self.data / "PG_VERSION"
        return int(file.read_text().strip()) if file.exists() else None

    def _reaches(self, path: Path) -> bool:
        return self._run(["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]).returncode == 0

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a program as the server's user. Its output goes to a file: the server would hold a pipe open
        for ever.
        """
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command,
                cwd="/",
                env=self._clean_environment(),
                user=self._account.pw_uid if self._account else None,
                group=self._account.pw_gid if self._account else None,
                extra_groups=[] if self._account else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, output.read(), "")

    def _clean_environment(self) -> dict[str, str]:
        """The caller's environment without libpq's and the server's own variables, which would point
        elsewhere.
        """
        kept = {name: value for name, value in self._environ.items() if not name.startswith("PG")}
        return {**kept, "LC_ALL": "C"}


def _working_folder(process: Path) -> str | None:
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return None


def _living(lock: Path) -> list[int]:
    """The process that a lock file names, if there is one."""
    try:
        number = int(lock.read_text().split()[0])
        os.kill(number, 0)
    except (OSError, ValueError, IndexError):
        return []
    return [number]


def _server_account() -> pwd.struct_passwd | None:
    """The user the server runs as when root starts it; None for any other user, who runs it himself."""
    if os.geteuid() != 0:
        return None
    for name in SERVER_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresStartError(f"PostgreSQL does not run as root, and none of the users {SERVER_USERS} exists here.")
