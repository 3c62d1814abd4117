"""What the tests of the command line share: running the binary, a pseudo-terminal, a rule and a few events.

Each test file is a program: `scan_test.py BINARY [unittest's arguments]`.
"""
import dataclasses
import fcntl
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

FINE, FINDINGS, RULES, USAGE, OUTSIDE, CORRUPT, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

BINARY = ""

RULE = """\
title: Dump of a Process
id: 11111111-2222-4333-8444-555555555555
status: test
description: A fixture.
author: A. Writer
date: 2026-01-05
tags:
  - attack.credential-access
  - attack.t1003.001
logsource:
  category: process_creation
  product: windows
detection:
  selection:
    CommandLine|contains: 'minidump'
  condition: selection
level: high
"""

LOW_RULE = RULE.replace("Dump of a Process", "Whoami").replace("1111-", "9999-", 1).replace("level: high", "level: low") \
    .replace("'minidump'", "'whoami'").replace("A. Writer", "B. Other")


def event(number: int, command: str = "notepad.exe", **more: str) -> str:
    """A process creation as Sysmon writes it, one JSON line."""
    fields = {
        "Channel": "Microsoft-Windows-Sysmon/Operational", "Provider_Name": "Microsoft-Windows-Sysmon", "EventID": 1,
        "UtcTime": f"2026-01-02 03:{number // 60:02}:{number % 60:02}.000", "Computer": "PC1", "User": "LAB\\alice",
        "Image": "C:\\Windows\\x.exe", "CommandLine": command}
    return json.dumps(fields | more)


@dataclasses.dataclass
class Ended:
    code: int
    out: bytes
    err: str
    peak_bytes: int
    seconds: float

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def alerts(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


class Case(unittest.TestCase):
    """Runs in a folder of its own, with a rule and a log of five events: 2 is a dump, 4 a whoami."""

    def setUp(self) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "rules").mkdir()
        self.write("rules/dump.yml", RULE)
        self.write("rules/whoami.yml", LOW_RULE)
        commands = {2: "rundll32 comsvcs.dll, MiniDump 1 a.dmp full", 4: "whoami /all"}
        self.write("log.jsonl", "".join(event(i, commands.get(i, "notepad.exe")) + "\n" for i in range(1, 6)))

    def write(self, name: str, content: str | bytes) -> pathlib.Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def weir(self, *arguments: object, stdin: object = subprocess.DEVNULL, code: int | None = FINE,
             timeout: float = 50) -> Ended:
        """Runs weir in the test's folder; `code` None takes any exit that is no crash."""
        start = time.monotonic()
        out_path, err_path = self.folder / ".out", self.folder / ".err"
        with open(out_path, "wb") as out, open(err_path, "wb") as err:
            process = subprocess.Popen([BINARY, *map(str, arguments)], cwd=self.folder, stdin=stdin, stdout=out, stderr=err)
            while (waited := os.wait4(process.pid, os.WNOHANG))[0] == 0:
                if time.monotonic() - start > timeout:
                    process.kill()
                    os.wait4(process.pid, 0)
                    self.fail(f"weir {arguments} ran longer than {timeout} s")
                time.sleep(0.005)
        _, status, usage = waited
        process.returncode = os.waitstatus_to_exitcode(status)
        ended = Ended(process.returncode, out_path.read_bytes(), err_path.read_text(errors="surrogateescape"),
                      usage.ru_maxrss * 1024, time.monotonic() - start)
        if code is None:
            self.assertGreaterEqual(ended.code, 0, f"weir {arguments} crashed: {ended.err}")
        else:
            self.assertEqual(ended.code, code, f"weir {arguments}: {ended.err}")
        return ended

    def scan(self, *arguments: object, **options: object) -> Ended:
        return self.weir("scan", "--rules", "rules", *arguments, **options)


class OnTerminal:
    """weir on a pseudo-terminal of `columns`; what it writes is collected."""

    def __init__(self, folder: pathlib.Path, columns: int, *arguments: object, environment: dict[str, str] | None = None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        variables = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm"} | (environment or {})
        self.process = subprocess.Popen([BINARY, *map(str, arguments)], cwd=folder, stdin=slave, stdout=slave,
                                        stderr=slave, env=variables, start_new_session=True)
        os.close(slave)
        self.output = b""

    def read_until(self, wanted: bytes, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while wanted not in self.output and time.monotonic() < end:
            if not self._read(0.1):
                break
        return wanted in self.output

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def finish(self, seconds: float = 30) -> int:
        """The exit code; kills it if it takes longer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._read(0.1):
            pass
        try:
            return self.process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            os.close(self.master)

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self.master, 65536)
        except OSError:  # The other end is closed.
            return False
        self.output += piece
        return bool(piece)


def main() -> None:
    global BINARY
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} BINARY [arguments of unittest]")
    BINARY = os.path.abspath(sys.argv.pop(1))
    # Imported by the test file under its own name, where BINARY must be set too.
    sys.modules["weir_cli"].BINARY = BINARY
    unittest.main(module="__main__")
