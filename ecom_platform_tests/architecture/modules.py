"""Modules as their syntax shows them: read and parsed, never imported.

Belongs here: what a module is, which room it lies in, what it imports. Not here: any rule.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "ecom_platform"


@dataclass(frozen=True)
class Module:
    """One source file: `name` is its dotted name, `path` its place below the root."""

    name: str
    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, filename=self.path)

    @property
    def room(self) -> str | None:
        return room_of(self.name)

    @property
    def length(self) -> int:
        return len(self.source.splitlines())


def load_modules(root: Path, *packages: str) -> list[Module]:
    """Read every module of the packages below `root`; a package that is absent has none."""
    modules = []
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            relative = path.relative_to(root)
            parts = relative.with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            modules.append(Module(name, relative.as_posix(), path.read_text(encoding="utf-8")))
    return modules


def room_of(name: str) -> str | None:
    """The room of a dotted name in the package; None for the package itself and the rest."""
    package, _, rest = name.partition(".")
    return rest.split(".")[0] or None if package == PACKAGE else None


def imports_of(module: Module) -> Iterator[tuple[str, int]]:
    """Every dotted name a module imports, with its line: at the top, in functions, for types."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(module, node)
            yield from (
                (source if alias.name == "*" else f"{source}.{alias.name}", node.lineno)
                for alias in node.names
            )
        elif (
            isinstance(node, ast.Call)
            and called(node) in {"import_module", "__import__"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value), node.lineno


def called(node: ast.Call) -> str:
    """The last part of the name that is called: `now` of `dt.datetime.now()`."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def words(text: str) -> frozenset[str]:
    """A set written as one line of words."""
    return frozenset(text.split())


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    package = parts if module.path.endswith("__init__.py") else parts[:-1]
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)
