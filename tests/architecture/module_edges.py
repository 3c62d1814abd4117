"""Holds the #include lines under src/ against what add_module was told.

usage: module_edges.py MODULE_TABLE SOURCE_ROOT

MODULE_TABLE is written by weir_write_module_table (cmake/modules.cmake), one line per module:
    name|USES|TEST_USES|every .cc file that is built
where the last three are lists with semicolons. Reported, each as `file:line: sentence`:
  - an include of a module that is not declared, or that is declared for tests only and used outside of them;
  - a declared module that nothing includes;
  - a .cc file that no list names, so that it is never compiled and its tests never run.
"""
import pathlib
import re
import sys
from dataclasses import dataclass, field

INCLUDE = re.compile(r'^\s*#\s*include\s*"(?P<module>[a-z_]+)/')
PROOF = re.compile(r"_(test|fuzz|bench)\.(cc|h)$|/testing/")


@dataclass
class Module:
    name: str
    uses: set[str]
    test_uses: set[str]
    sources: set[str]
    included: set[str] = field(default_factory=set)
    included_by_proofs: set[str] = field(default_factory=set)


def read_table(path: pathlib.Path) -> dict[str, Module]:
    modules = {}
    for line in path.read_text().splitlines():
        name, *lists = line.split("|")
        modules[name] = Module(name, *(set(filter(None, text.split(";"))) for text in lists))
    return modules


def check_file(path: pathlib.Path, module: Module, folders: set[str]) -> list[str]:
    problems = []
    is_proof = PROOF.search(str(path)) is not None
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        match = INCLUDE.match(line)
        if not match or match["module"] == module.name or match["module"] not in folders:
            continue
        used = match["module"]
        (module.included_by_proofs if is_proof else module.included).add(used)
        if used not in module.uses | module.test_uses:
            problems.append(f"{path}:{number}: module '{module.name}' includes '{used}' but does not declare it in USES")
        elif used not in module.uses and not is_proof:
            problems.append(f"{path}:{number}: '{used}' is declared in TEST_USES, but this is no test: declare it in USES")
    return problems


def check_module(folder: pathlib.Path, module: Module, folders: set[str]) -> list[str]:
    problems = []
    listing = folder / "CMakeLists.txt"
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        problems += check_file(path, module, folders)
        # main.cc belongs to no module list: add_executable names it.
        if path.suffix == ".cc" and path.name != "main.cc" and str(path.relative_to(folder)) not in module.sources:
            problems.append(f"{path}:1: not listed in {listing}, so it is never built")
    for used in sorted(module.uses - module.included):
        only_proofs = used in module.included_by_proofs
        advice = "only its tests do: declare it in TEST_USES" if only_proofs else "remove it"
        problems.append(f"{listing}:1: module '{module.name}' declares USES {used}, which no source includes: {advice}")
    for used in sorted(module.test_uses - module.included_by_proofs):
        problems.append(f"{listing}:1: module '{module.name}' declares TEST_USES {used}, which no test includes: remove it")
    return problems


def main() -> int:
    table, root = map(pathlib.Path, sys.argv[1:])
    modules = read_table(table)
    folders = {path.name for path in (root / "src").iterdir() if path.is_dir()}
    problems = []
    for module in modules.values():
        problems += check_module(root / "src" / module.name, module, folders)
    for problem in problems:
        print(problem)
    edges = sum(len(module.uses) + len(module.test_uses) for module in modules.values())
    print(f"{len(modules)} modules, {edges} declared edges, {len(problems)} problems")
    if not modules:
        print("error: the module table is empty")
    return 1 if problems or not modules else 0


if __name__ == "__main__":
    sys.exit(main())
