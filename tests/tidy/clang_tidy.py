"""Runs clang-tidy over our own sources, several at a time, and prints each finding once.

usage: clang_tidy.py --database BUILD_FOLDER [--jobs N] [--all] [--minutes N]

Without --all only files that changed are looked at: against WEIR_LINT_BASE if set, else against the place where the
branch left origin/main, else (HEAD is origin/main, as on CI) against the commit before. A changed header is seen through
its source of the same name or, where there is none, through one source that includes it.

Where there is no commit before (a clone of one commit) or the checks themselves changed, all files would have to be
looked at, which takes longer than everything else together. Then as many are as --minutes allow (default 8), in an order
that differs from commit to commit, and the last line says how many were not.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CLANG_TIDY = "clang-tidy-19"
# What a database for g++ may hold and clang-tidy does not know. The launcher and PCH of our own build are left out too.
GCC_ONLY = re.compile(r"-Wno-(restrict|stringop-\w+|maybe-uninitialized)|-fmodules-ts|-fdeps-format=\S+|-fmodule-mapper=\S+")


def git(*arguments: str) -> str | None:
    run = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else None


def base_commit() -> str | None:
    if base := os.environ.get("WEIR_LINT_BASE"):
        return base
    fork = git("merge-base", "HEAD", "origin/main")
    if fork and fork != git("rev-parse", "HEAD"):
        return fork
    return git("rev-parse", "--verify", "-q", "HEAD~1")


def changed_files() -> set[str] | None:
    """Nothing if there is no commit to compare with."""
    base = base_commit()
    committed = git("diff", "--name-only", "--diff-filter=d", base) if base else None
    if committed is None:
        return None
    untracked = git("ls-files", "--others", "--exclude-standard") or ""
    return set(committed.splitlines()) | set(untracked.splitlines())


def source_for_header(header: str, sources: list[str]) -> str | None:
    stem = header.removesuffix(".h")
    same_name = [source for source in sources if source in (f"{stem}.cc", f"{stem}_test.cc")]
    if same_name:
        return same_name[0]
    line = f'#include "{header.removeprefix("src/")}"'
    return next((source for source in sources if line in (ROOT / source).read_text()), None)


def shuffled(sources: list[str]) -> list[str]:
    seed = git("rev-parse", "HEAD") or ""
    return sorted(sources, key=lambda source: hashlib.sha256((seed + source).encode()).digest())


def chosen(sources: list[str], all_files: bool) -> tuple[list[str], bool]:
    """The sources to look at, and whether they are more than there may be time for."""
    if all_files:
        return sources, False
    changed = changed_files()
    if changed is None:
        print("clang-tidy: no earlier commit to compare with: looking at as many files as time allows")
        return shuffled(sources), True
    through_headers = {source_for_header(path, sources) for path in changed if path.endswith(".h")}
    wanted = [source for source in sources if source in changed or source in through_headers]
    if {".clang-tidy", "tests/tidy/clang_tidy.py"} & changed:
        print("clang-tidy: the checks changed: looking at as many files as time allows, changed ones first")
        return wanted + shuffled([source for source in sources if source not in wanted]), True
    return wanted, False


def write_database(folder: pathlib.Path) -> list[str]:
    """Copies the part of the compile database that is ours, without what clang-tidy does not know; names its files."""
    entries, sources = [], []
    for entry in json.loads((folder / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.suffix != ".cc" or not path.is_relative_to(ROOT) or path.is_relative_to(ROOT / "build"):
            continue
        entry["command"] = GCC_ONLY.sub("", entry["command"])
        entries.append(entry)
        sources.append(str(path.relative_to(ROOT)))
    target = folder / "tidy"
    target.mkdir(exist_ok=True)
    (target / "compile_commands.json").write_text(json.dumps(entries))
    return sorted(set(sources))


def tidy(database: pathlib.Path, source: str) -> tuple[int, str]:
    # The analyzer follows every path through GoogleTest's macros, for most of a minute a file, to find nothing of ours.
    without = ["--checks=-clang-analyzer-*"] if source.endswith("_test.cc") else []
    run = subprocess.run([CLANG_TIDY, "--quiet", "-p", database, *without, ROOT / source],
                         capture_output=True, text=True, cwd=ROOT)
    return run.returncode, run.stdout + (run.stderr if run.returncode and not run.stdout else "")


def print_findings(output: str, seen: set[str]) -> None:
    # Two sources that include a header both report it; a block is a finding with its notes.
    for block in re.split(r"(?m)^(?=\S+:\d+:\d+: (?:error|warning):)", output):
        if block.strip() and block not in seen:
            seen.add(block)
            print(block.replace(f"{ROOT}/", "").rstrip())


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--minutes", type=float, default=8)
    options = parser.parse_args()

    started = time.monotonic()
    sources, bounded = chosen(write_database(options.database), options.all)

    def look(source: str) -> tuple[int, str] | None:
        if bounded and time.monotonic() - started > options.minutes * 60:
            return None
        return tidy(options.database / "tidy", source)

    failed, left, seen = 0, 0, set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for result in pool.map(look, sources):
            if result is None:
                left += 1
                continue
            code, output = result
            failed += code != 0
            print_findings(output, seen)
    unseen = f", {left} not looked at for want of time (--all does)" if left else ""
    print(f"clang-tidy: {len(sources) - left} files, {failed} with findings, {time.monotonic() - started:.0f} s{unseen}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
