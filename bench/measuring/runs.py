"""One run of a programme: its time, its memory, and what it says of itself."""
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

from measuring import corpora

WEIR = corpora.ROOT / "build/release/weir"


@dataclasses.dataclass
class Run:
    wall: float     # Seconds.
    cpu: float      # User and system seconds of all threads.
    memory: int     # Resident bytes at the highest. (The kernel counts this process in until the other one has begun.)
    said: str       # Its standard error, or its standard output if that is what was asked for.
    lines: int      # On its standard output.


def run(command: list, wants_output: bool = False) -> Run:
    """Runs to the end; a failure stops the benchmark with what was printed."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (output, errors):
            file.seek(0)
        said = errors.read().decode(errors="replace")
        if process.returncode != 0:
            raise SystemExit(f"exit code {process.returncode} from {' '.join(map(str, command))}:\n{said[-2000:]}")
        if wants_output:
            said = output.read().decode(errors="replace")
        lines = sum(1 for _ in output)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, said, lines)


def scan_command(path: pathlib.Path, rules: list[pathlib.Path], more: list[str], threads: int) -> list:
    command = [WEIR, "scan", "--threads", threads, "--level", "informational", "--format", "json",
               "--output", "/dev/null", *more]
    for folder in rules:
        command += ["--rules", folder]
    return [*command, path]


@dataclasses.dataclass
class Summary:
    events: int
    alerts: int
    rules: int


def summary_of(scan: Run) -> Summary:
    """What `weir scan` says at its end."""
    def number(pattern: str) -> int:
        match = re.search(pattern, scan.said, re.MULTILINE)
        if match is None:
            raise SystemExit(f"no /{pattern}/ in the summary of the scan:\n{scan.said[-2000:]}")
        return int(match[1].replace(",", ""))
    return Summary(number(r"^([\d,]+) events, .* in "), number(r"^([\d,]+) alerts$"), number(r"([\d,]+) rules loaded"))


def floor(path: pathlib.Path, threads: int) -> dict:
    return json.loads(run([corpora.PROGRAMMES / "parse_floor", path, threads], wants_output=True).said)


def instructions(path: pathlib.Path, rules: list[pathlib.Path], more: list[str]) -> float | None:
    """Instructions for each further event of a scan, counted by valgrind: the difference of a longer and a shorter part,
    so that loading the rules and warming up is not in it. None where there is no valgrind."""
    counts = []
    for size in (8_000_000, 24_000_000):
        part = corpora.beginning(path, size)
        command = scan_command(part, rules, more, 1)
        try:
            counted = run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command])
        except FileNotFoundError:
            return None
        match = re.search(r"Collected : (\d+)", counted.said)
        counts.append((int(match[1]), summary_of(counted).events))
    return (counts[1][0] - counts[0][0]) / (counts[1][1] - counts[0][1])
