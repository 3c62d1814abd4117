#!/usr/bin/env python3
"""How fast `weir scan` is, beside a loop that only parses, in turns: `./dev bench scan`. docs/performance.md explains.

The floor (bench/parse_floor.cc) works on a buffer in memory; the scan reads its file from the page cache, and all that
it does is counted but loading the rules, which is measured on its own. Rates are events per CPU second on one thread, so
that neighbours on the machine do not show, and events per second of wall time on all.
"""
import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Callable

from measuring import corpora, peers, runs

MEMORY_MAX = 200_000_000
LOAD_MAX = 0.5
SHARE_OF_FLOOR = 0.40
SHARE_OF_SPEED_UP = 0.95


@dataclasses.dataclass
class Case:
    name: str
    title: str
    corpus: Callable[[int], pathlib.Path]  # Bytes wanted -> path.
    rules: Callable[[], list[pathlib.Path]]
    goal: float | None = None   # Events per second and core; None: SHARE_OF_FLOOR of the floor.
    more: list[str] = dataclasses.field(default_factory=list)
    has_floor: bool = False     # JSON lines, which the floor can parse.
    needs_shared: bool = False


CASES = [
    Case("otrf", "Windows events, JSON", corpora.windows_events, corpora.all_rules, has_floor=True, needs_shared=True),
    Case("otrf-no-remember", "… without remembered verdicts", corpora.windows_events, corpora.all_rules,
         more=["--no-remember"], has_floor=True, needs_shared=True),
    Case("proxy", "Proxy events, JSON", corpora.proxy_events, corpora.proxy_and_web_rules, goal=1.5e6,
         more=["--logsource", "category=proxy"], has_floor=True),
    Case("combined", "Combined log lines", corpora.combined_lines, corpora.proxy_and_web_rules, goal=1.5e6),
    Case("evtx", "EVTX", corpora.evtx_file, corpora.all_rules, goal=100e3),
]


@dataclasses.dataclass
class Samples:
    """What the rounds of one case on so many threads gave; floors are of the same rounds."""
    scans: list[runs.Run] = dataclasses.field(default_factory=list)
    floors: list[dict] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Row:
    """One line of the table."""
    case: str
    title: str
    threads: int
    rules: int
    events: int
    alerts: int
    bytes: int
    seconds: float               # Of CPU on one thread, of wall time on more; the median, without loading.
    spread: float                # (largest − smallest) / median of the seconds.
    wall_events_per_second: float
    memory: int
    floor_events_per_second: float | None = None
    floor_wall_events_per_second: float | None = None
    of_floor: float | None = None
    speed_up: float | None = None
    floor_speed_up: float | None = None
    goal: str = ""
    reached: bool | None = None

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds


def median_load(rules: list[pathlib.Path], more: list[str], one_record: pathlib.Path) -> runs.Run:
    """The median of five scans of one record: what loading the rules and starting costs."""
    loads = [runs.run(runs.scan_command(one_record, rules, more, 1)) for _ in range(5)]
    return dataclasses.replace(loads[0], wall=statistics.median(load.wall for load in loads),
                               cpu=statistics.median(load.cpu for load in loads))


def warm(path: pathlib.Path) -> None:
    """Reads the file, so that it is in the page cache."""
    with path.open("rb") as file:
        while file.read(1 << 22):
            pass


def measure(case: Case, path: pathlib.Path, rounds: int, all_threads: int) -> list[Row]:
    rules = case.rules()
    load = median_load(rules, case.more, corpora.beginning(path, corpora.EVTX_CHUNK if path.suffix == ".evtx" else 1))
    warm(path)
    samples = {threads: Samples() for threads in dict.fromkeys([1, all_threads])}
    for _ in range(rounds):
        for threads, sample in samples.items():
            if case.has_floor:
                sample.floors.append(runs.floor(path, threads))
            sample.scans.append(runs.run(runs.scan_command(path, rules, case.more, threads)))
    rows = [row_of(case, path, threads, sample, load) for threads, sample in samples.items()]
    for more in rows[1:]:
        more.speed_up = more.wall_events_per_second / rows[0].wall_events_per_second
    judge(case, rows)
    return rows


def row_of(case: Case, path: pathlib.Path, threads: int, sample: Samples, load: runs.Run) -> Row:
    summaries = [runs.summary_of(scan) for scan in sample.scans]
    if len({(summary.events, summary.alerts) for summary in summaries}) != 1:
        raise SystemExit(f"{case.name}: scans of the same file differ in events or alerts")
    first = summaries[0]
    walls = [scan.wall - load.wall for scan in sample.scans]
    seconds = [scan.cpu - load.cpu for scan in sample.scans] if threads == 1 else walls
    middle = statistics.median(seconds)
    row = Row(case.name, case.title, threads, first.rules, first.events, first.alerts, path.stat().st_size, middle,
              (max(seconds) - min(seconds)) / middle, first.events / statistics.median(walls),
              max(scan.memory for scan in sample.scans))
    if sample.floors:
        if any(floor["events"] != first.events * floor["passes"] for floor in sample.floors):
            raise SystemExit(f"{case.name}: the scan saw {first.events} events, the floor another number of them")
        kind = "cpu_seconds" if threads == 1 else "wall_seconds"
        row.floor_events_per_second = floor_rate(sample.floors, kind)
        row.floor_wall_events_per_second = floor_rate(sample.floors, "wall_seconds")
        row.of_floor = row.events_per_second / row.floor_events_per_second
    return row


def floor_rate(floors: list[dict], kind: str) -> float:
    return statistics.median(floor["events"] / floor[kind] for floor in floors)


def judge(case: Case, rows: list[Row]) -> None:
    """Sets goals: a rate on one thread, a speed-up on more, memory on both. They are set for all of SigmaHQ's rules."""
    if not corpora.has_shared_data():
        return
    one = rows[0]
    if case.goal is not None:
        one.goal, reached = f"{case.goal / 1e3:,.0f} k/s", one.events_per_second >= case.goal
    else:
        one.goal, reached = f"{SHARE_OF_FLOOR:.0%} of floor", one.of_floor >= SHARE_OF_FLOOR
    one.reached = reached and one.memory <= MEMORY_MAX
    for more in rows[1:]:
        more.reached = more.memory <= MEMORY_MAX
        more.goal = f"{MEMORY_MAX / 1e6:.0f} MB"
        if case.has_floor:
            more.floor_speed_up = more.floor_wall_events_per_second / one.floor_wall_events_per_second
            more.goal = f"{SHARE_OF_SPEED_UP:.0%} of the floor's ×{more.floor_speed_up:.2f}"
            more.reached &= more.speed_up >= SHARE_OF_SPEED_UP * more.floor_speed_up


def machine() -> str:
    def first(pattern: str, text: str) -> str:
        match = re.search(pattern, text, re.MULTILINE)
        return match[1].strip() if match else "unknown"
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()
    model = first(r"^model name\s*:\s*(.*)$", cpuinfo)
    family = first(r"^cpu family\s*:\s*(.*)$", cpuinfo)
    system = first(r'^PRETTY_NAME="(.*)"$', pathlib.Path("/etc/os-release").read_text())
    cache = (corpora.ROOT / "build/release/CMakeCache.txt").read_text()
    compiler = subprocess.run([first(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache), "--version"], capture_output=True,
                              text=True, check=False).stdout.partition("\n")[0]
    return (f"{os.cpu_count()} cores {model} (family {family}), {system}, {platform.machine()}, {compiler}; "
            f"load average {os.getloadavg()[0]:.1f} at the end")


def marked(reached: bool | None) -> str:
    return {None: "", True: "yes", False: "**no**"}[reached]


def optional(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def table_rows(report: dict) -> list[list[str]]:
    table = [["case", "threads", "events/s", "MB/s", "±", "wall events/s", "peak MB", "floor events/s", "of floor",
              "speed-up", "goal", "reached"]]
    for row in report["rows"]:
        table.append([row.title, str(row.threads), f"{row.events_per_second:,.0f}",
                      f"{row.bytes / row.seconds / 1e6:,.0f}", f"{row.spread / 2:.0%}",
                      f"{row.wall_events_per_second:,.0f}", f"{row.memory / 1e6:.0f}",
                      optional(row.floor_events_per_second, ",.0f"), optional(row.of_floor, ".0%"),
                      optional(row.speed_up, ".2f"), row.goal, marked(row.reached)])
    return table


def aligned(table: list[list[str]]) -> str:
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    return "\n".join("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths, strict=True))) for line in table)


def markdown(table: list[list[str]]) -> str:
    head, *lines = ["| " + " | ".join(line) + " |" for line in table]
    return "\n".join([head, "|" + "---|" * len(table[0]), *lines])


def sentences(report: dict) -> list[str]:
    """What is not in the table, a line each."""
    said = []
    if load := report.get("load"):
        said.append(f"{load['rules']:,} rules loaded and compiled, process start included, in {load['seconds']:.2f} s "
                    f"(goal {LOAD_MAX} s: {'reached' if load['seconds'] <= LOAD_MAX else '**not reached**'}).")
    for name, step in report.get("steps", {}).items():
        said.append(f"{name}: an event takes {step['parse']['ns']:.0f} ns to parse and {step['match']['ns']:.0f} ns to "
                    f"match, {step['parse']['allocations']:.3f} and {step['match']['allocations']:.3f} allocations"
                    + (f", {step['instructions']:,.0f} instructions in all." if step.get("instructions") else "."))
    return said


def peer_sentences(report: dict) -> list[str]:
    return [f"{peer.name}, {peer.part}: {peer.events_per_second:,.0f} events/s per core, {peer.memory / 1e6:.0f} MB, "
            f"{peer.load:.2f} s to load, {peer.detections:,} detections; weir beside it {peer.ours:,.0f} events/s, "
            f"{peer.ours_memory / 1e6:.0f} MB, {peer.ours_load:.2f} s, {peer.ours_alerts:,} alerts: "
            f"{peer.ours / peer.events_per_second:.1f} times as fast."
            for peer in report["peers"]]


def steps_of(case: Case, path: pathlib.Path, with_instructions: bool) -> dict:
    """Time and allocations by step, over the beginning of the file."""
    command = [corpora.PROGRAMMES / "scan_steps", corpora.beginning(path, 64_000_000), *case.more]
    for folder in case.rules():
        command += ["--rules", folder]
    printed = runs.run(command, wants_output=True).said
    steps = {name: {"ns": float(ns), "allocations": float(allocations)} for name, ns, allocations in re.findall(
        r"^(\w+(?: all)?)\s+([\d.]+) ns/event .* ([\d.]+) allocations/event$", printed, re.MULTILINE)}
    if with_instructions:
        steps["instructions"] = runs.instructions(path, case.rules(), case.more)
    return steps


def measure_peers(path: pathlib.Path, rounds: int) -> list[peers.Peer]:
    peers.install()
    part = corpora.beginning(path, 100_000_000)
    one_event = corpora.beginning(path, 1)
    rules = [peers.one_folder_of_rules()]
    load = median_load(rules, [], one_event)
    ours = [runs.run(runs.scan_command(part, rules, [], 1)) for _ in range(rounds)]
    summary = runs.summary_of(ours[0])
    found = peers.measure(part, summary.events, one_event, rounds)
    for peer in found:
        peer.part = f"on the first {part.stat().st_size / 1e6:.0f} MB ({summary.events:,} events)"
        peer.ours = summary.events / (min(each.cpu for each in ours) - load.cpu)
        peer.ours_memory = max(each.memory for each in ours)
        peer.ours_load = load.wall
        peer.ours_alerts = summary.alerts
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench scan", description="How fast `weir scan` is, and beside what.")
    parser.add_argument("--bytes", type=float, help="size of each input (default 1e9; EVTX: 3/10 of it)")
    parser.add_argument("--quick", action="store_true", help="100 MB inputs and one round, unless said otherwise")
    parser.add_argument("--rounds", type=int, help="runs of everything, in turns (default 3)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="how many beside one (default: all cores)")
    parser.add_argument("--only", action="append", metavar="CASE", choices=[*(case.name for case in CASES), "none"],
                        help=", ".join(case.name for case in CASES) + "; may be given again; none: peers only")
    parser.add_argument("--peers", action="store_true", help="also measure rsigma, built by cargo on first use")
    parser.add_argument("--instructions", action="store_true", help="also count instructions per event, with valgrind")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--markdown", action="store_true", help="print the figures as docs/performance.md has them")
    parser.add_argument("--update", action="store_true", help="put the figures into docs/performance.md")
    chosen = parser.parse_args()
    chosen.bytes = chosen.bytes or (1e8 if chosen.quick else 1e9)
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 3)
    return chosen


def chosen_cases(only: list[str] | None) -> list[Case]:
    cases = [case for case in CASES if not only or case.name in only]
    if not corpora.has_shared_data():
        for case in cases:
            if case.needs_shared:
                print(f"{case.name}: skipped, for it needs ../shared/data, which is absent", file=sys.stderr)
        print("../shared/data is absent: the rules are those inside the binary", file=sys.stderr)
        cases = [case for case in cases if not case.needs_shared]
    return cases


def main() -> None:
    chosen = arguments()
    report = {"date": datetime.date.today().isoformat(), "bytes": int(chosen.bytes), "rounds": chosen.rounds,
              "rows": [], "steps": {}, "peers": []}
    cases = chosen_cases(chosen.only)
    for case in cases:
        path = case.corpus(int(chosen.bytes))
        print(f"measuring {case.name}", file=sys.stderr, flush=True)
        report["rows"] += measure(case, path, chosen.rounds, chosen.threads)
        report["steps"][case.title] = steps_of(case, path, chosen.instructions)
        if "load" not in report and case.rules is corpora.all_rules:
            load = median_load(case.rules(), [], corpora.beginning(corpora.proxy_events(1_000_000), 1))
            report["load"] = {"rules": report["rows"][-1].rules, "seconds": load.wall}
    if chosen.peers and corpora.has_shared_data():
        report["peers"] = measure_peers(corpora.windows_events(int(chosen.bytes)), chosen.rounds)
    report["machine"] = machine()
    put_out(report, chosen)


def listed(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def update_document(part: str, text: str) -> None:
    """Puts `text` between the marks of that part."""
    document = corpora.ROOT / "docs/performance.md"
    begin, end = f"<!-- {part}: begin -->\n", f"<!-- {part}: end -->"
    before, _, rest = document.read_text().partition(begin)
    _, _, after = rest.partition(end)
    document.write_text(f"{before}{begin}{text}\n{end}{after}")


def put_out(report: dict, chosen: argparse.Namespace) -> None:
    frame = f"{report['date']}, {report['bytes'] / 1e6:,.0f} MB, {report['rounds']} rounds; {report['machine']}."
    table = table_rows(report)
    as_markdown = {"figures": f"{frame}\n\n{markdown(table)}\n\n{listed(sentences(report))}"} if report["rows"] else {}
    if report["peers"]:
        as_markdown["peers"] = f"{frame}\n\n{listed(peer_sentences(report))}"
    if chosen.markdown:
        print("\n\n".join(as_markdown.values()))
    else:
        print("\n\n".join([frame, aligned(table), "\n".join(sentences(report) + peer_sentences(report))]))
    if chosen.update:
        for part, text in as_markdown.items():
            update_document(part, text)
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(report, default=vars, indent=1) + "\n")


if __name__ == "__main__":
    main()
