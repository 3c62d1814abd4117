"""Breaks each rule of repository.py once, in a small repository of its own, and sees that the breach is reported.

usage: repository_test.py
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

RULES = pathlib.Path(__file__).resolve().parent / "repository.py"
# Put together, so that this file is no breach itself.
UNDONE = "TO" + "DO"
INDEX = "--index-" + "url"
MIRROR = "deb " + "http://mirror.example/debian bookworm main"
FOLDER = "/wor" + "k/data"


class Breaches(unittest.TestCase):
    def setUp(self) -> None:
        self.holder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.holder.name)
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.write("README.md", "# Title here\n\nText, see [below](#title-here) and [the source](src/a.h).\n")
        self.write("src/a.h", "#pragma once\n")

    def tearDown(self) -> None:
        self.holder.cleanup()

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def problems(self, *arguments: str) -> list[str]:
        run = subprocess.run([sys.executable, RULES, "--root", self.root, *arguments], capture_output=True, text=True)
        self.assertEqual(run.stderr, "")
        self.assertEqual(run.returncode, 1 if run.stdout else 0)
        return run.stdout.splitlines()

    def test_a_tidy_repository_has_no_problems(self) -> None:
        self.assertEqual(self.problems(), [])

    def test_each_breach_is_reported_at_its_line(self) -> None:
        breaches = {
            "notes/large.txt": ("x\n" * (1 << 20), "1: "),
            "src/long.cc": ("int x;\n" * 701, "701: "),
            "src/picture.png": (b"\x89PNG\r\n\x00", "1: a binary file"),
            "src/latin.cc": (b"// caf\xe9\n", "1: a binary file"),
            "src/a.o": ("x", "1: made by a build"),
            "cmake/registry.txt": (f"x\npip install {INDEX} https://x\n", "2: the address of a package registry"),
            "packaging/sources.txt": (f"{MIRROR}\n", "1: the address of a package registry"),
            "src/undone.cc": (f"// {UNDONE}: later\n", f"1: {UNDONE}"),
            "src/machine.cc": (f'open("{FOLDER}")\n', "1: a path of one machine"),
            "tests/machine.py": (f'open("{FOLDER}")\n', "1: a path of one machine"),
            "notes/home.md": ("Look into /home/" + "someone/logs.\n", "1: a path of one machine"),
            "src/twice.h": ("int x;\n", "1: a header begins with"),
            "notes/link.md": ("[a](nowhere.md)\n", "1: the link to nowhere.md leads nowhere"),
            "notes/anchor.md": ("\n[a](../README.md#no-such-title)\n", "2: ../README.md has no heading"),
            "src/names.cc": ("// See docs/" + "absent.md.\n", "1: names docs/" "absent.md, which does not exist"),
            "notes/blanks.md": ("text \n", "1: blanks at the end"),
        }
        for name, (text, wanted) in breaches.items():
            with self.subTest(name):
                self.write(name, text)
                found = self.problems()
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{name}:{wanted}"), found[0])
                (self.root / name).unlink()

    def test_what_may_be_there_is_not_reported(self) -> None:
        self.write("tests/fuzz-seeds/x/1", b"\xff\x00")
        self.write("src/sigma/windows_test.cc", "// /home/" + "someone is a path in an event here.\n")
        self.write("notes/fine.md", "https://example.com/registry and /var/log, /tmp/x, /usr/share/doc.\n")
        self.assertEqual(self.problems(), [])

    def test_a_work_tree_that_is_not_clean_is_reported(self) -> None:
        self.write(".gitignore", "/build/\n")
        self.write("build/x", "x")
        identity = ["-c", "user.name=x", "-c", "user.email=x@x.example"]
        subprocess.run(["git", "add", "-A"], cwd=self.root, check=True)
        subprocess.run(["git", *identity, "commit", "-q", "-m", "x"], cwd=self.root, check=True)
        self.assertEqual(self.problems("--work-tree-clean"), [])
        self.write("left", "x")
        self.assertEqual(self.problems("--work-tree-clean"), ["left:1: changed or left behind by a build or a test"])


if __name__ == "__main__":
    unittest.main()
