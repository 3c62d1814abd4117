"""The tidy test: rules about the repository's files that no compiler checks. Prints each breach as `file:line: sentence`.

usage: repository.py [--root FOLDER] [--work-tree-clean]

--work-tree-clean also demands that building and testing left nothing behind that git does not ignore.
repository_test.py breaks each rule once, in a small repository that --root names.
"""
import argparse
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

FILE_BYTES_MAX = 1 << 20
LINES_MAX = 700
# Folders of some machine. /tmp, /var, /usr, /etc and /dev are the same everywhere and appear in rules and documents.
MACHINE_PATH = re.compile(r"(?<![\w/.$}~-])/(?:work|workspace|home/(?!alice|bob|user|\$)\w+|root|mnt)/\w+")
MACHINE_PATH_MAY_APPEAR = re.compile(r"^(src/.*_test\.cc|src/traffic/|src/sigma/|rules/|tests/)")
BUILD_MACHINE = ("/work/", "/workspace/")  # Not even in tests and rules.
# Where packages come from is a matter of each machine's configuration.
REGISTRY = re.compile(r"https?://[\w.-]*(?:pypi\.|npmjs\.|artifact|registry[.-]|crates\.io)|--(?:extra-)?index-url|^deb(?:-src)? .*http")
UNFINISHED = re.compile(r"\b(?:T[O]DO|F[I]XME|H[A]CK)\b")  # The brackets keep this line from being a breach.
MADE_BY_A_BUILD = re.compile(r"(^|/)(build|dist|__pycache__)/|\.(o|a|so|pyc|log|orig|rej|gcda|profraw)$|~$|(^|/)compile_commands\.json$")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
NAMED_DOCUMENT = re.compile(r"\bdocs/[\w./-]+\.md\b")
TEXT_SUFFIXES = {".cc", ".h", ".py", ".sh", ".md", ".cmake", ".txt", ".json", ".yml", ".yaml", ".in", ""}


class Repository:
    """The files that git tracks or would track, under one root."""
    root = pathlib.Path(__file__).resolve().parent.parent.parent


def inside(path: pathlib.Path) -> str:
    return str(path.relative_to(Repository.root))


def tracked() -> list[pathlib.Path]:
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           cwd=Repository.root, capture_output=True, text=True, check=True).stdout
    return [Repository.root / name for name in names.split("\0") if name and (Repository.root / name).is_file()]


def lines_of(path: pathlib.Path) -> list[tuple[int, str]]:
    if path.suffix not in TEXT_SUFFIXES:
        return []
    try:
        return list(enumerate(path.read_text(encoding="utf-8").splitlines(), start=1))
    except UnicodeDecodeError:
        return []


def large_files(path: pathlib.Path) -> Iterator[str]:
    if (size := path.stat().st_size) > FILE_BYTES_MAX:
        yield f"1: {size} bytes; a tracked file holds at most {FILE_BYTES_MAX}"


def long_sources(path: pathlib.Path) -> Iterator[str]:
    if path.suffix in {".cc", ".h", ".py", ".sh", ".md", ".cmake"}:
        if (count := len(lines_of(path))) > LINES_MAX:
            yield f"{LINES_MAX + 1}: {count} lines; a source holds at most {LINES_MAX}"


def binaries(path: pathlib.Path) -> Iterator[str]:
    # What a fuzzer once broke is kept as it was, whatever its bytes.
    if inside(path).startswith("tests/fuzz-seeds/"):
        return
    try:
        is_text = "\0" not in path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        is_text = False
    if not is_text:
        yield "1: a binary file"


def build_products(path: pathlib.Path) -> Iterator[str]:
    if MADE_BY_A_BUILD.search(inside(path)):
        yield "1: made by a build or an editor"


def registries(path: pathlib.Path) -> Iterator[str]:
    for number, line in lines_of(path):
        if match := REGISTRY.search(line):
            yield f"{number}: the address of a package registry: {match[0]}"


def unfinished(path: pathlib.Path) -> Iterator[str]:
    for number, line in lines_of(path):
        if match := UNFINISHED.search(line):
            yield f"{number}: {match[0]}: do it, or say in a document that it is missing"


def machine_paths(path: pathlib.Path) -> Iterator[str]:
    anywhere = MACHINE_PATH_MAY_APPEAR.match(inside(path)) is None
    for number, line in lines_of(path):
        match = MACHINE_PATH.search(line)
        if match and (anywhere or match[0].startswith(BUILD_MACHINE)):
            yield f"{number}: a path of one machine: {match[0]}"


def headers_once(path: pathlib.Path) -> Iterator[str]:
    if path.suffix == ".h" and "#pragma once" not in path.read_text().splitlines()[:3]:
        yield "1: a header begins with #pragma once"


def anchor_of(heading: str) -> str:
    words = re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", ""))
    return words.replace(" ", "-")


def links(path: pathlib.Path) -> Iterator[str]:
    if path.suffix != ".md":
        return
    for number, line in lines_of(path):
        for target in LINK.findall(line):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = (path.parent / name).resolve() if name else path
            if not file.exists():
                yield f"{number}: the link to {target} leads nowhere"
            elif anchor and file.suffix == ".md":
                headings = re.findall(r"(?m)^#+\s+(.*)$", file.read_text())
                if anchor not in map(anchor_of, headings):
                    yield f"{number}: {name or path.name} has no heading for #{anchor}"


def named_documents(path: pathlib.Path) -> Iterator[str]:
    if path.suffix not in {".h", ".cc", ".py", ".cmake", ".md"}:
        return
    for number, line in lines_of(path):
        for name in NAMED_DOCUMENT.findall(line):
            if not (Repository.root / name).exists():
                yield f"{number}: names {name}, which does not exist"


def trailing_blanks(path: pathlib.Path) -> Iterator[str]:
    if path.suffix not in {".md", ".py", ".cmake", ".sh", ".txt"}:
        return
    for number, line in lines_of(path):
        if line != line.rstrip():
            yield f"{number}: blanks at the end of the line"


RULES = [large_files, long_sources, binaries, build_products, registries, unfinished, machine_paths, headers_once, links,
         named_documents, trailing_blanks]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, default=Repository.root)
    parser.add_argument("--work-tree-clean", action="store_true")
    options = parser.parse_args()
    Repository.root = options.root.resolve()
    problems = [f"{inside(path)}:{problem}" for path in tracked() for rule in RULES for problem in rule(path)]
    if options.work_tree_clean:
        status = subprocess.run(["git", "status", "--porcelain"], cwd=Repository.root, capture_output=True, text=True, check=True)
        problems += [f"{line[3:]}:1: changed or left behind by a build or a test" for line in status.stdout.splitlines()]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
