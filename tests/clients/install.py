"""Brings the clients to build/clients/, each by its own package manager, in the versions that this folder's files name.

A function per kind; each raises Missing with a reason for people where its tools or packages are not to be had. What is
there already is left alone, so a second run asks no network.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import venv

from broker import BUILD

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 600


class Missing(Exception):
    pass


def need(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            raise Missing(f"{program} is not installed")


def run(command: list[object], folder: pathlib.Path, **variables: str) -> None:
    try:
        ended = subprocess.run(list(map(str, command)), cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                               timeout=SECONDS, env=os.environ | variables)
    except subprocess.TimeoutExpired:
        raise Missing(f"{command[0]} took longer than {SECONDS} s") from None
    if ended.returncode:
        last = (ended.stderr or ended.stdout).strip().splitlines()[-1:]
        raise Missing(f"{' '.join(map(str, command[:3]))} failed: {''.join(last)[:200]}")


def once(target: pathlib.Path, inputs: list[pathlib.Path], make) -> pathlib.Path:
    """Makes `target` anew where what it is made from has changed, or where the last try did not come to its end."""
    stamp = BUILD / "stamps" / target.name
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()
    if not (target.exists() and stamp.exists() and stamp.read_text() == digest):
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        make()
        stamp.write_text(digest)
    return target


def python() -> pathlib.Path:
    """The interpreter of an environment that has the clients."""
    folder, wanted = BUILD / "python", HERE / "python" / "requirements.txt"

    def make() -> None:
        try:
            venv.create(folder, with_pip=True, clear=True)
        except subprocess.CalledProcessError:
            raise Missing("Python's venv is not installed") from None
        run([folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", "-r", wanted], HERE)
    return once(folder, [wanted], make) / "bin" / "python"


def jars(version: str) -> pathlib.Path:
    """The folder with all jars of one version of Apache Kafka: clients, tools, Streams and broker."""
    need("java", "mvn")
    folder, wanted = BUILD / f"java-{version}", HERE / "java" / "pom.xml"

    def make() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        profile = [] if version.startswith("3.") else ["-Plog4j2"]
        run(["mvn", "-q", "-B", *profile, "dependency:copy-dependencies", f"-DoutputDirectory={folder}",
             f"-Dkafka.version={version}"], wanted.parent)
    return once(folder, [wanted], make)


def classes(version: str) -> str:
    """The class path of our own Java programs, compiled against one version."""
    library = jars(version)
    need("javac")
    folder, sources = BUILD / f"classes-{version}", sorted((HERE / "java").glob("*.java"))
    once(folder, sources, lambda: run(["javac", "-nowarn", "-d", folder, "-cp", f"{library}/*", *sources], HERE))
    return f"{folder}:{library}/*"


def go(name: str) -> pathlib.Path:
    need("go")
    folder, target = HERE / "go", BUILD / f"go-{name}"
    inputs = [folder / "go.mod", *sorted((folder / name).glob("*.go")), *sorted((folder / "scenario").glob("*.go"))]
    return once(target, inputs, lambda: run(["go", "build", "-o", target, f"./{name}"], folder, GOFLAGS="-mod=readonly"))


def node() -> pathlib.Path:
    """The folder whose node_modules has the client."""
    need("node", "npm")
    folder, wanted = BUILD / "kafkajs", HERE / "kafkajs" / "package.json"

    def make() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy(wanted, folder)
        run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], folder)
    return once(folder, [wanted], make)


def cpp() -> pathlib.Path:
    need("g++")
    target, source = BUILD / "librdkafka-scenarios", HERE / "librdkafka" / "scenarios.cc"
    if not pathlib.Path("/usr/include/librdkafka/rdkafkacpp.h").exists():
        raise Missing("librdkafka-dev is not installed")
    return once(target, [source], lambda: run(["g++", "-std=c++20", "-O1", "-o", target, source, "-lrdkafka++", "-lrdkafka"], HERE))


if __name__ == "__main__":
    sys.exit("this is a part of run.py")
