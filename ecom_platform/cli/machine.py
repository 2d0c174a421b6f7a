"""The machine as the platform needs it: one question for each thing, with the remedy.

Belongs here: finding out what is there. Not here: showing it (doctor.py), mending it.
"""

import importlib.metadata
import importlib.util
import platform
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from os import W_OK, access
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from ecom_platform.engines.session import open_session
from ecom_platform.errors import EcomError
from ecom_platform.lake.catalog import catalog_exists
from ecom_platform.lake.lake import Lake
from ecom_platform.settings import Settings, dagster_home

UI_PORT = 3000

_PACKAGE = "ecom_platform"
_INSTALL = "run `make`, or pip install -c constraints.txt -e . in the repository"
_JAVA_VERSIONS = (17, 21)
_GET_JAVA = "apt-get install openjdk-17-jre-headless, or any Java 17 or 21 with `java` on the PATH"
_LITTLE_SPACE = 5_000_000_000
_ANSWER_SECONDS = 20


@dataclass(frozen=True)
class Verdict:
    """What was found out about one thing.

    Attributes:
        subject: the thing.
        state: ok; warning, if something will not work that not everybody uses; missing, if the
            platform does not work without it.
        detail: what was found.
        remedy: what to do; empty when nothing has to be done.
    """

    subject: str
    state: Literal["ok", "warning", "missing"]
    detail: str
    remedy: str = ""


def examine(settings: Settings, *, quick: bool = False) -> Iterator[Verdict]:
    """Find out about everything that the platform needs, the quick questions first.

    Args:
        settings: which lake and which engine.
        quick: do not start the engine.
    """
    yield python_version()
    yield packages()
    if settings.s3:
        yield lake_bucket(settings)
        yield free_space(settings.state_path)
    else:
        yield lake_folder(settings.lake_path)
        yield free_space(settings.lake_path)
    yield catalog(settings)
    yield java(needed=settings.engine == "local")
    yield dagster_instance()
    yield ui_port(UI_PORT)
    if not quick:
        yield engine(settings)


def python_version() -> Verdict:
    """Whether this Python is one of those that every package has wheels for."""
    version = platform.python_version()
    wanted = importlib.metadata.metadata(_PACKAGE)["Requires-Python"]
    if SpecifierSet(wanted).contains(version, prereleases=True):
        return Verdict("Python", "ok", version)
    return Verdict("Python", "missing", f"{version} is not {wanted}", "make PYTHON=python3.11")


def packages() -> Verdict:
    """Whether every package that setup.py names is there, in its range."""
    wanted = [Requirement(line) for line in importlib.metadata.requires(_PACKAGE) or ()]
    wanted = [need for need in wanted if need.marker is None or need.marker.evaluate({"extra": ""})]
    faults = []
    for need in wanted:
        try:
            version = importlib.metadata.version(need.name)
        except importlib.metadata.PackageNotFoundError:
            faults.append(f"{need.name} is not installed")
            continue
        if not need.specifier.contains(version, prereleases=True):
            faults.append(f"{need.name} {version} is not {need.specifier}")
    if faults:
        return Verdict("packages", "missing", "; ".join(faults), _INSTALL)
    return Verdict("packages", "ok", f"{len(wanted)} installed, each in its range")


def lake_folder(folder: Path) -> Verdict:
    """Whether the lake can be written, or made."""
    present = _nearest(folder)
    if present.is_dir() and access(present, W_OK):
        detail = f"{folder}" if present == folder else f"{folder} will be made by the first run"
        return Verdict("lake", "ok", detail)
    remedy = "choose another folder with ECOM_LAKE or --lake, or mend its permissions"
    fault = "cannot be written" if present.is_dir() else "is not a folder"
    return Verdict("lake", "missing", f"{present} {fault}", remedy)


def lake_bucket(settings: Settings) -> Verdict:
    """Whether the lake's bucket answers these credentials; whether it can be written, runs tell."""
    try:
        next(Lake(settings).storage.list(f"{settings.lake_name}/tables"), None)
    except EcomError as fault:
        return Verdict("lake", "missing", str(fault))
    return Verdict("lake", "ok", f"{settings.lake_name} answers")


def free_space(folder: Path) -> Verdict:
    """Whether there is room for the lake to grow."""
    free = shutil.disk_usage(_nearest(folder)).free
    detail = f"{free / 1e9:,.1f} GB free for {folder}"
    if free >= _LITTLE_SPACE:
        return Verdict("disk", "ok", detail)
    return Verdict("disk", "warning", detail, "make room, or choose another disk with ECOM_LAKE")


def catalog(settings: Settings) -> Verdict:
    """Whether the catalog opens and its tables load."""
    try:
        lake = Lake(settings)
        if not catalog_exists(settings, lake.s3):
            return Verdict("catalog", "ok", "none yet; the first run makes it")
        tables = lake.existing_tables()
    except EcomError as fault:
        return Verdict("catalog", "missing", str(fault))
    return Verdict("catalog", "ok", f"opens; tables: {len(tables)}")


def engine(settings: Settings) -> Verdict:
    """Whether the chosen engine starts and computes."""
    subject = f"engine {settings.engine}"
    try:
        (row,) = (
            open_session(settings.engine, settings.spark_remote).sql("SELECT 1 AS one").collect()
        )
    except EcomError as fault:
        return Verdict(subject, "missing", str(fault))
    except Exception as fault:  # noqa: BLE001  # whatever a foreign engine dies of is the finding
        said = (str(fault).strip() or type(fault).__name__).splitlines()[0]
        return Verdict(subject, "missing", said, f"{_INSTALL}; or set ECOM_ENGINE to another")
    if row["one"] != 1:
        return Verdict(subject, "missing", f"SELECT 1 gives {row['one']}", _INSTALL)
    if not Lake(settings).is_read_by_engine:
        detail = "starts and computes; it has no client of S3: files are copied to this machine"
        remedy = "for large dates set ECOM_ENGINE=sail, which reads and writes the bucket itself"
        return Verdict(subject, "warning", detail, remedy)
    return Verdict(subject, "ok", "starts and computes")


def java(*, needed: bool) -> Verdict:
    """Whether there is a Java for the engine `local`; no other engine needs one."""
    state: Literal["ok", "missing"] = "missing" if needed else "ok"
    found = shutil.which("java")
    if found is None:
        detail = "none; only the engine local needs it"
        return Verdict("Java", state, detail, f"for that engine: {_GET_JAVA}")
    said = _first_line_of_version(found)
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if version and int(version[1]) in _JAVA_VERSIONS:
        return Verdict("Java", "ok", said)
    detail = f"{said or found + ' gives no version'}; Spark runs on 17 and 21"
    return Verdict("Java", "warning" if needed else "ok", detail, _GET_JAVA)


def dagster_instance() -> Verdict:
    """Whether runs of the command line are recorded where the UI shows them."""
    home = dagster_home()
    if home:
        return Verdict("Dagster", "ok", f"runs are recorded as {home / 'dagster.yaml'} says")
    detail = "no dagster.yaml in DAGSTER_HOME or here: the UI will not show runs of this folder"
    remedy = "start ecom and dagster in the root of the repository, or set DAGSTER_HOME to it"
    return Verdict("Dagster", "warning", detail, remedy)


def ui_port(port: int) -> Verdict:
    """Whether the UI can have its port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            detail = f"{port} is taken, perhaps by a UI that runs already"
            return Verdict("UI port", "warning", detail, f"make dev PORT={port + 1}")
    return Verdict("UI port", "ok", f"{port} is free")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _first_line_of_version(program: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603  # the java that the engine would start
            [program, "-version"],
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        return f"{program} does not answer: {fault}"
    return (answer.stderr or answer.stdout).partition("\n")[0].strip()
