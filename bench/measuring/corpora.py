"""The inputs of the scan benchmark: made once from a seed and kept under build/bench/corpora."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMMES = ROOT / "build/release/bench"
FOLDER = ROOT / "build/bench/corpora"
SEED = "42"
# As src/base/shared_data.h has it.
SHARED = pathlib.Path(os.environ.get("WEIR_SHARED", ROOT.parent / "shared")) / "data"
# All active rules of SigmaHQ.
RULE_FOLDERS = ["rules", "rules-threat-hunting", "rules-emerging-threats", "rules-compliance", "rules-placeholder"]
# An EVTX file begins with a header, then come its chunks.
EVTX_HEADER, EVTX_CHUNK = 4096, 65536


def has_shared_data() -> bool:
    return SHARED.is_dir()


def all_rules() -> list[pathlib.Path]:
    """What `--rules` gets; nothing means the pack inside the binary."""
    return [SHARED / "sigma" / folder for folder in RULE_FOLDERS] if has_shared_data() else []


def proxy_and_web_rules() -> list[pathlib.Path]:
    """All rules for proxies and web servers, chosen by what their logsource says."""
    if not has_shared_data():
        return [ROOT / "rules/proxy", ROOT / "rules/web"]
    chosen = ROOT / "build/bench/rules-proxy-web"
    chosen.mkdir(parents=True, exist_ok=True)
    for folder in all_rules():
        for path in folder.rglob("*.yml"):
            copy = chosen / path.name
            if not copy.exists() and re.search(r"(?m)^\s+category:\s*(proxy|webserver)\s*$", path.read_text()):
                copy.write_bytes(path.read_bytes())
    return [chosen]


def make(name: str, command: list[str], size: int) -> pathlib.Path:
    """The file of that name, made anew when the programme that makes it has changed."""
    path = FOLDER / f"{size}-{name}"
    programme = PROGRAMMES / command[0]
    if path.exists() and path.stat().st_mtime > programme.stat().st_mtime:
        return path
    print(f"making {path.relative_to(ROOT)}", file=sys.stderr, flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as out:
        subprocess.run([programme, *command[1:]], stdout=out, stderr=subprocess.DEVNULL, check=True)
    unfinished.rename(path)
    return path


def windows_events(size: int) -> pathlib.Path:
    recorded = [str(path) for path in sorted((SHARED / "windows/otrf").glob("*.jsonl"))]
    return make("otrf.jsonl", ["multiply_events", str(size), SEED, *recorded], size)


def proxy_events(size: int) -> pathlib.Path:
    return make("proxy.jsonl", ["make_lines", "proxy-json", str(size), SEED], size)


def combined_lines(size: int) -> pathlib.Path:
    return make("combined.log", ["make_lines", "combined", str(size), SEED], size)


def evtx_file(size: int) -> pathlib.Path:
    """EVTX has as many records to the byte as needed for a good measurement at three tenths of the size."""
    size = size * 3 // 10
    return make("records.evtx", ["make_evtx", str(size), SEED], size)


def beginning(path: pathlib.Path, size: int) -> pathlib.Path:
    """A file with about the first `size` bytes of another one, in whole records."""
    part = path.with_name(f"first-{size}-of-{path.name}")
    if part.exists() and part.stat().st_mtime >= path.stat().st_mtime:
        return part
    if path.suffix == ".evtx":
        size = EVTX_HEADER + size // EVTX_CHUNK * EVTX_CHUNK
    with path.open("rb") as file, part.open("wb") as out:
        # In pieces: the memory of this process would show in what is measured of its children.
        while size > 0 and (piece := file.read(min(size, 1 << 20))):
            out.write(piece)
            size -= len(piece)
        if path.suffix != ".evtx":
            out.write(file.readline())
    return part
