"""Lays the licences of packed libraries beside them, and demands that NOTICE names each.

usage: licences.py --libraries FOLDER --binary FILE --notice NOTICE --output FOLDER
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

# Linked in from headers alone, so no library file shows them.
HEADER_ONLY = {"libcli11-dev"}


def places_of_libraries(binary: pathlib.Path) -> dict[str, str]:
    output = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"(\S+) => (/\S+)", output))


def package_of(path: str) -> str:
    # A merged /usr: the file may be registered under /lib or under /usr/lib.
    resolved = str(pathlib.Path(path).resolve())
    candidates = {path, resolved, resolved.removeprefix("/usr"), path.removeprefix("/usr")}
    for candidate in sorted(candidates, key=len, reverse=True):
        run = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True)
        if run.returncode == 0:
            return run.stdout.split(":")[0]
    raise SystemExit(f"licences: no Debian package owns {path}, so its licence is unknown")


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("libraries", "binary", "notice", "output"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    options = parser.parse_args()

    places = places_of_libraries(options.binary)
    packed = sorted(path.name for path in options.libraries.iterdir() if path.name in places)
    packages = {package_of(places[name]) for name in packed} | HEADER_ONLY
    notice = options.notice.read_text()
    unnamed = []
    options.output.mkdir(parents=True, exist_ok=True)
    for package in sorted(packages):
        shutil.copyfile(f"/usr/share/doc/{package}/copyright", options.output / f"{package}.txt")
        if package not in notice:
            unnamed.append(package)
    for package in unnamed:
        print(f"licences: {package} is packed but NOTICE does not name it", file=sys.stderr)
    return 1 if unnamed else 0


if __name__ == "__main__":
    sys.exit(main())
