"""Makes an hour of a company's logs with attacks hidden in it, scans them, and holds what was found against the truth.

usage: demo.py --weir BINARY --folder FOLDER [--seed N] [--duration 1h]

Ends with 1 if an attack that a single event gives away was missed. docs/generate.md describes the truth file.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PLACE_WIDTH = 24
TITLE_WIDTH_MAX = 62


def style(code: str, text: str) -> str:
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return text if plain else f"\x1b[{code}m{text}\x1b[0m"


def green(text: str) -> str:
    return style("32", text)


def red(text: str) -> str:
    return style("31;1", text)


def dim(text: str) -> str:
    return style("2", text)


def bold(text: str) -> str:
    return style("1", text)


@dataclass
class Attack:
    title: str
    needs: str
    rules: set[str]
    main: set[tuple[str, int]]  # (file, line or record) of the evidence.
    also: set[tuple[str, int]]  # What else belongs to the story.
    fired: dict[str, dict] = field(default_factory=dict)  # The rules that fired on the evidence, by id.

    @property
    def missing(self) -> set[str]:
        return self.rules - self.fired.keys()

    @property
    def found(self) -> bool:
        return bool(self.fired) and not self.missing

    @property
    def place(self) -> str:
        file, line = min(self.main)
        more = f" +{len(self.main) - 1}" if len(self.main) > 1 else ""
        return f"{file}:{line}{more}"


def places(entry: dict) -> set[tuple[str, int]]:
    return {(entry["file"], line) for line in entry["lines"]}


def read_truth(path: pathlib.Path) -> list[Attack]:
    attacks = []
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        also = set().union(*(places(other) for other in entry.get("also", [])))
        attacks.append(Attack(entry["title"], entry["needs"], set(entry["rules"]), places(entry), also))
    return attacks


def compare(attacks: list[Attack], alerts: list[dict]) -> list[dict]:
    """Hands each alert to the attacks whose records it names; returns those that belong to none."""
    strays = []
    for alert in alerts:
        seen = {(pathlib.Path(event["source"]).name, event["offset"]) for event in alert["events"]}
        owners = [attack for attack in attacks if seen & (attack.main | attack.also)]
        for attack in owners:
            if seen & attack.main and (not attack.rules or alert["rule"]["id"] in attack.rules):
                attack.fired[alert["rule"]["id"]] = alert["rule"]
        if not owners:
            strays.append(alert)
    return strays


def print_row(mark: str, attack: Attack, result: str, width: int) -> None:
    title = attack.title if len(attack.title) <= width else attack.title[: width - 1] + "…"
    print(f"  {mark} {title:<{width}}  {attack.place:<{PLACE_WIDTH}}  {result}".rstrip())


def print_section(heading: str, attacks: list[Attack], width: int, result_of: Callable[[Attack], tuple[str, str]]) -> None:
    print(f"\n  {bold(heading)}")
    print(dim(f"  {'':1} {'what was hidden':<{width}}  {'where (file:line)':<{PLACE_WIDTH}}  what weir says"))
    for attack in attacks:
        mark, result = result_of(attack)
        print_row(mark, attack, result, width)


def result_of_single(attack: Attack) -> tuple[str, str]:
    if attack.found:
        return green("✓"), ", ".join(sorted(f"{rule['title']} ({rule['level']})" for rule in attack.fired.values()))
    silent = ", ".join(f"rule {rule} did not fire" for rule in sorted(attack.missing)) or "no rule fired"
    return red("✗"), red(f"missed: {silent}")


def print_comparison(attacks: list[Attack], strays: list[dict]) -> int:
    singles = [attack for attack in attacks if attack.needs == "single"]
    later = [attack for attack in attacks if attack.needs != "single"]
    width = min(max(len(attack.title) for attack in attacks), TITLE_WIDTH_MAX)
    print_section("Attacks that one event gives away: rules on single events find them", singles, width, result_of_single)
    print_section("Attacks that only many events together give away: nothing looks for them yet", later, width,
                  lambda _: (dim("·"), dim("needs correlation")))
    if strays:
        print(f"\n  {bold('False alarms')}: {len(strays)} alerts on normal traffic")
        by_rule = collections.Counter(f"{alert['rule']['title']} ({alert['rule']['level']})" for alert in strays)
        for name, count in by_rule.most_common():
            print(f"    {count:>5} × {name}")
    found = sum(attack.found for attack in singles)
    verdict = f"Found {found} of {len(singles)} attacks that one event gives away, with {len(strays)} false alarms."
    print(f"\n  {green(verdict) if found == len(singles) else red(verdict)}")
    print(f"  {len(later)} more need correlation (counting and ordering events over time), which comes with the engine.")
    return 0 if singles and found == len(singles) else 1


def say(text: str) -> None:
    print(f"==> {text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--seed", default="7")
    parser.add_argument("--duration", default="1h")
    options = parser.parse_args()

    shutil.rmtree(options.folder, ignore_errors=True)
    traffic, truth = options.folder / "traffic", options.folder / "truth.jsonl"
    alerts_file = options.folder / "alerts.jsonl"
    traffic.mkdir(parents=True)

    say(f"making {options.duration} of a company's logs, with attacks hidden in them (seed {options.seed})")
    subprocess.run([options.weir, "generate", "--seed", options.seed, "--duration", options.duration,
                    "--output", traffic, "--truth", truth], check=True)
    logs = sorted(traffic.iterdir())
    size = sum(path.stat().st_size for path in logs)
    say(f"scanning {len(logs)} log files, {size / 1e6:.0f} MB, with the rules that weir brings along")
    started = time.monotonic()
    with alerts_file.open("wb") as out:
        subprocess.run([options.weir, "scan", "--quiet", "--format", "json", *logs], stdout=out, check=True)
    seconds = time.monotonic() - started
    alerts = [json.loads(line) for line in alerts_file.read_text().splitlines()]
    say(f"{len(alerts)} alerts in {seconds:.1f} s; beside what was hidden:")

    attacks = read_truth(truth)
    code = print_comparison(attacks, compare(attacks, alerts))
    print(f"\n  The logs are in {traffic}, what was hidden in {truth}, the alerts in {alerts_file}.")
    print(f"  To see the alerts as a table with a summary: {options.weir} scan {traffic}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
