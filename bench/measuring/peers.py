"""The best open peer beside us: rsigma, built from its package, over a part of the same file with the same rules, on one
core. Its event reader is JSON lines; `--logsource-routing` is its way of skipping rules of other products."""
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

from measuring import corpora
from measuring.runs import Run, run

VERSION = "0.23.0"
FOLDER = corpora.ROOT / "build/bench/peers"
RSIGMA = FOLDER / "bin/rsigma"
VARIANTS = {
    f"rsigma {VERSION}": [],
    f"rsigma {VERSION}, routing by logsource": ["--logsource-routing", "--event-logsource", "product=windows"],
}


@dataclasses.dataclass
class Peer:
    name: str
    events_per_second: float  # CPU seconds, without loading.
    memory: int
    load: float               # Wall seconds over a file of one event.
    detections: int
    part: str = ""            # Of which input.
    ours: float = 0           # Events per CPU second of weir on the same, in the same run.
    ours_memory: int = 0
    ours_load: float = 0
    ours_alerts: int = 0


def install() -> None:
    if RSIGMA.exists():
        return
    if shutil.which("cargo") is None:
        raise SystemExit("--peers needs cargo (Rust's package manager) to build rsigma; it is not on the PATH")
    print(f"building rsigma {VERSION}, which takes some six minutes", file=sys.stderr, flush=True)
    subprocess.run(["cargo", "install", "--locked", "rsigma", "--version", VERSION, "--root", FOLDER],
                   env={**os.environ, "CARGO_TARGET_DIR": str(FOLDER / "target")}, check=True)
    shutil.rmtree(FOLDER / "target", ignore_errors=True)


def one_folder_of_rules() -> pathlib.Path:
    """rsigma takes one folder."""
    folder = corpora.ROOT / "build/bench/rules-all"
    if not folder.exists():
        for source in corpora.all_rules():
            shutil.copytree(source, folder / source.name)
    return folder


def eval_events(events: pathlib.Path, more: list[str]) -> Run:
    return run(["taskset", "-c", "0", RSIGMA, "engine", "eval", "--rules", one_folder_of_rules(),
                "--event", f"@{events}", "--input-format", "json", "--output-format", "ndjson", *more])


def measure(events: pathlib.Path, event_count: int, one_event: pathlib.Path, rounds: int) -> list[Peer]:
    """Best of `rounds` for each variant: the machine's disturbances are not to count against them."""
    peers = []
    for name, more in VARIANTS.items():
        loads = [eval_events(one_event, more) for _ in range(rounds)]
        evals = [eval_events(events, more) for _ in range(rounds)]
        cpu = min(each.cpu for each in evals) - min(each.cpu for each in loads)
        peers.append(Peer(name, event_count / cpu, max(each.memory for each in evals),
                          min(each.wall for each in loads), evals[0].lines))
    return peers
