"""Runs clang-tidy over our own sources, several at a time, and prints each finding once.

usage: clang_tidy.py --database BUILD_FOLDER [--jobs N] [--all]

Without --all only files that changed are looked at: against WEIR_LINT_BASE if set, else against the place where the
branch left origin/main, else (HEAD is origin/main, as on CI) against the commit before. A changed header is seen through
its source of the same name or, where there is none, through one source that includes it.
"""
import argparse
import concurrent.futures
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


def changed_files() -> set[str]:
    base = base_commit()
    if base is None:
        return set((git("ls-files") or "").splitlines())
    committed = git("diff", "--name-only", "--diff-filter=d", base) or ""
    untracked = git("ls-files", "--others", "--exclude-standard") or ""
    return set(committed.splitlines()) | set(untracked.splitlines())


def source_for_header(header: str, sources: list[str]) -> str | None:
    stem = header.removesuffix(".h")
    same_name = [source for source in sources if source in (f"{stem}.cc", f"{stem}_test.cc")]
    if same_name:
        return same_name[0]
    line = f'#include "{header.removeprefix("src/")}"'
    return next((source for source in sources if line in (ROOT / source).read_text()), None)


def chosen(sources: list[str], all_files: bool) -> list[str]:
    if all_files:
        return sources
    changed = changed_files()
    if {".clang-tidy", "tests/tidy/clang_tidy.py"} & changed:
        print("clang-tidy's own rules changed: looking at all files")
        return sources
    through_headers = {source_for_header(path, sources) for path in changed if path.endswith(".h")}
    return [source for source in sources if source in changed or source in through_headers]


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


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()

    started = time.monotonic()
    sources = chosen(write_database(options.database), options.all)
    failed, seen = [], set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda source: tidy(options.database / "tidy", source), sources)
        for source, (code, output) in zip(sources, results):
            if code:
                failed.append(source)
            # Two sources that include a header both report it; a block is a finding with its notes.
            for block in re.split(r"(?m)^(?=\S+:\d+:\d+: (?:error|warning):)", output):
                if block.strip() and block not in seen:
                    seen.add(block)
                    print(block.replace(f"{ROOT}/", "").rstrip())
    print(f"clang-tidy: {len(sources)} files, {len(failed)} with findings, {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
