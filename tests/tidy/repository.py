"""The tidy test: rules about the repository's files that no compiler checks. Prints each breach as `file:line: sentence`.

usage: repository.py [--work-tree-clean]

--work-tree-clean also demands that building and testing left nothing behind that git does not ignore.
"""
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILE_BYTES_MAX = 1 << 20
# Folders of some machine. /tmp, /var, /usr, /etc and /dev are the same everywhere and appear in rules and documents.
MACHINE_PATH = re.compile(r"(?<![\w/.$}~-])/(?:work|workspace|home/(?!alice|bob|user|\$)\w+|root|mnt)/\w+")
MACHINE_PATH_MAY_APPEAR = re.compile(r"^(src/.*_test\.cc|src/traffic/|src/sigma/|rules/|tests/)")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
NAMED_DOCUMENT = re.compile(r"\bdocs/[\w./-]+\.md\b")
TEXT_SUFFIXES = {".cc", ".h", ".py", ".sh", ".md", ".cmake", ".txt", ".json", ".yml", ".yaml", ".in", ""}


def tracked() -> list[pathlib.Path]:
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


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


def machine_paths(path: pathlib.Path) -> Iterator[str]:
    if MACHINE_PATH_MAY_APPEAR.match(str(path.relative_to(ROOT))):
        return
    for number, line in lines_of(path):
        if match := MACHINE_PATH.search(line):
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
            if not (ROOT / name).exists():
                yield f"{number}: names {name}, which does not exist"


def trailing_blanks(path: pathlib.Path) -> Iterator[str]:
    if path.suffix not in {".md", ".py", ".cmake", ".sh", ".txt"}:
        return
    for number, line in lines_of(path):
        if line != line.rstrip():
            yield f"{number}: blanks at the end of the line"


RULES = [large_files, machine_paths, headers_once, links, named_documents, trailing_blanks]


def main() -> int:
    problems = [f"{path.relative_to(ROOT)}:{problem}" for path in tracked() for rule in RULES for problem in rule(path)]
    if "--work-tree-clean" in sys.argv[1:]:
        status = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True)
        problems += [f"{line[3:]}:1: changed or left behind by a build or a test" for line in status.stdout.splitlines()]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
