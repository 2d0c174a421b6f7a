"""The repository keeps its word: commands that exist, links that lead somewhere, one place a fact.

Belongs here: what the files at the root promise each other. Not here: the code of the package.
"""

from __future__ import annotations

import ast
import importlib.metadata
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("docs", "queries", "bench", "ecom_platform", "ecom_platform_tests")
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))]
)
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def test_every_relative_link_leads_to_a_file_and_a_heading() -> None:
    broken = []
    for document in DOCUMENTS:
        for path, anchor in LINK.findall(FENCE.sub("", document.read_text(encoding="utf-8"))):
            target = (document.parent / path).resolve() if path else document
            if not target.exists() or (anchor and anchor not in headings(target)):
                broken.append(f"{document.relative_to(ROOT)}: {path}#{anchor}")
    assert len(DOCUMENTS) > 3
    assert not broken


def test_a_link_to_a_heading_that_is_not_there_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Imports run to the `left`\n\n[a](page.md#imports-run-to-the-left)\n")
    assert headings(page) == {"imports-run-to-the-left"}
    assert LINK.findall("[x](a.md#b) [y](https://e.org/z) [z](#c)") == [("a.md", "b"), ("", "c")]


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = make_targets()
    for document in DOCUMENTS:
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(), re.MULTILINE))
        assert named <= targets, f"{document.name}: {sorted(named - targets)}"
    assert {"demo", "test", "dev"} <= targets


def test_the_user_interface_is_served_on_the_loopback_alone() -> None:
    commands = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", "")
    started = re.findall(r"^.*/dagster(?:-webserver| dev)\b.*$", commands, re.MULTILINE)
    assert started
    assert all(" -h 127.0.0.1 " in command for command in started), started


def test_make_alone_lists_every_target_of_the_readme() -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    listed = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+)  ", listed, re.MULTILINE)) == make_targets()


def test_continuous_integration_runs_the_command_of_the_readme() -> None:
    commands = (ROOT / ".ci" / "run").read_text().splitlines()
    assert {"step make lint", "step make test"} <= set(commands)
    assert "make test " in (ROOT / "README.md").read_text()
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100, ".ci/run is not executable"


def test_every_setting_has_its_row_in_the_readme() -> None:
    from ecom_platform.settings import Settings

    rows = set(
        re.findall(r"^\| `(ECOM_[A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    )
    assert rows == {f"ECOM_{name.upper()}" for name in Settings.model_fields}


def test_metadata_is_written_in_setup_py_alone() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(settings) == {"build-system", "tool"}


def test_constraints_are_exact_and_within_the_ranges_of_setup_py() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    versions = {}
    for pin in pins:
        assert re.fullmatch(r"==[^*,]+", str(pin.specifier)), pin
        versions[canonicalize_name(pin.name)] = str(pin.specifier).removeprefix("==")
    for requirement in direct_requirements():
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} but {version} is pinned"


def test_each_dependency_has_its_reason_and_its_true_licence_on_record() -> None:
    record = (ROOT / "docs" / "decisions" / "0007-dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w-]+) \| (.+) \| (.+) \| (\S+) \|$", record, re.MULTILINE)
    licences = {name: licence for name, _, _, licence in rows if name != "package"}
    assert set(licences) == {requirement.name for requirement in direct_requirements()}
    for name, licence in licences.items():
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # a package for development, not installed by `make test`
        assert family(licence) in licence_text(metadata), f"{name} is not {licence}"


def test_every_decision_is_in_the_list_and_has_a_number_of_its_own() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))
    listed = re.findall(
        r"^\| \[\d{4}\]\(([^)]+)\)", (folder / "README.md").read_text(), re.MULTILINE
    )
    assert listed == pages
    assert len({page[:4] for page in pages}) == len(pages)
    for page in pages:
        text = (folder / page).read_text(encoding="utf-8")
        assert text.startswith(f"# {page[:4]}: ")
        assert {"## Context", "## Decision", "## Consequences"} <= set(text.splitlines()), page


def test_the_instance_keeps_its_state_below_the_folder_it_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster import DagsterInstance

    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    with DagsterInstance.from_config(".") as instance:
        assert instance.get_runs() == []
        assert instance.telemetry_enabled is False
        assert instance.compute_log_manager is not None
        pools = instance.get_concurrency_config().pool_config
    assert pools.default_pool_limit == 1
    assert {path.name for path in tmp_path.iterdir()} == {"dagster.yaml", ".dagster_state"}


def headings(document: Path) -> set[str]:
    """The anchors of a document, as GitHub makes them from its headings."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


def direct_requirements() -> list[Requirement]:
    """The requirements of setup.py, read from its three lists."""
    strings = []
    for node in ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            strings += [item.value for item in node.value.elts if isinstance(item, ast.Constant)]
    assert len(strings) > 10
    return [Requirement(string) for string in strings]


def family(licence: str) -> str:
    """What all spellings of a licence have in common: Apache-2.0 and Apache Software License."""
    return {"PSF-2.0": "psf", "MPL-2.0": "mpl"}.get(
        licence, licence.split("-", maxsplit=1)[0].lower()
    )


def licence_text(metadata: importlib.metadata.PackageMetadata) -> str:
    fields = [metadata.get("License-Expression"), metadata.get("License")]
    fields += metadata.get_all("Classifier") or []
    return " ".join(field for field in fields if field).lower()
