"""`weir scan` with several threads gives what it gives with one. Under the thread sanitizer, this is its test.

usage: scan_test.py WEIR
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

WEIR = sys.argv.pop(1)


class Threads(unittest.TestCase):
    def run_weir(self, *arguments: str | pathlib.Path) -> bytes:
        run = subprocess.run([WEIR, *arguments], capture_output=True)
        self.assertEqual(run.returncode, 0, run.stderr.decode())
        return run.stdout

    def test_the_output_does_not_depend_on_their_number(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            # Long enough for several chunks in the larger files, which is what the threads share.
            self.run_weir("generate", "--seed", "7", "--duration", "20m", "--quiet", "--output", folder)
            for choice in ([], ["--logsource", "any"]):
                one, *others = (self.run_weir("scan", "--format", "json", "--threads", str(threads), *choice, folder)
                                for threads in (1, 2, 5))
                self.assertGreater(one.count(b"\n"), 10)
                for other in others:
                    self.assertTrue(one == other, f"{choice}: differs from one thread's output")


if __name__ == "__main__":
    unittest.main()
