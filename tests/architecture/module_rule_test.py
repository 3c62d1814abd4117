"""Shows that the module rule refuses what it must: cmake/modules.cmake is called from small CMake scripts, and
module_edges.py on small trees.

usage: module_rule_test.py SOURCE_ROOT
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()


def write(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class Steps(unittest.TestCase):
    def cmake(self, line: str) -> tuple[int, str]:
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder, "script.cmake")
            script.write_text(f"cmake_minimum_required(VERSION 3.25)\ninclude({ROOT}/cmake/modules.cmake)\n{line}\n")
            run = subprocess.run(["cmake", "-P", script], capture_output=True, text=True)
            return run.returncode, " ".join(run.stderr.split())

    def test_an_earlier_step_may_be_used(self):
        self.assertEqual(self.cmake("weir_check_steps(sigma base event match)"), (0, ""))

    def test_a_later_step_is_refused(self):
        code, message = self.cmake("weir_check_steps(event sigma)")
        self.assertNotEqual(code, 0)
        self.assertIn("module 'event' must not use 'sigma': includes point only to an earlier step", message)

    def test_a_sibling_of_the_same_step_is_refused(self):
        code, message = self.cmake("weir_check_steps(match event)")
        self.assertNotEqual(code, 0)
        self.assertIn("module 'match' must not use 'event'", message)

    def test_a_module_does_not_use_itself(self):
        self.assertNotEqual(self.cmake("weir_check_steps(match match)")[0], 0)

    def test_an_unknown_module_is_refused_on_either_side(self):
        self.assertIn("'nonsense' stands in no step", self.cmake("weir_check_steps(nonsense base)")[1])
        self.assertIn("uses 'nonsense', which stands in no step", self.cmake("weir_check_steps(event nonsense)")[1])

    def test_an_undeclared_include_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            write(pathlib.Path(folder, "deep", "rule.cc"), '#include <vector>\n#include "match/regex.h"\n')
            self.assertEqual(self.cmake(f"weir_check_includes(sigma {folder} base match)"), (0, ""))
            code, message = self.cmake(f"weir_check_includes(sigma {folder} base)")
            self.assertNotEqual(code, 0)
            self.assertIn("rule.cc includes a header of module 'match', which add_module(sigma USES …) does not name", message)


class Edges(unittest.TestCase):
    """A tree of two modules; each test spoils one thing."""

    def edges(self, table: str, files: dict[str, str]) -> tuple[int, str]:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            write(root / "src/base/text.h", "#pragma once\n")
            for name, text in files.items():
                write(root / "src" / name, text)
            write(root / "table", table)
            run = subprocess.run([sys.executable, ROOT / "tests/architecture/module_edges.py", root / "table", root],
                                 capture_output=True, text=True)
            return run.returncode, run.stdout.replace(folder, "")

    def test_declared_and_included_is_fine(self):
        self.assertEqual(self.edges("base|||\nevent|base||time.cc\n", {"event/time.cc": '#include "base/text.h"\n'}),
                         (0, "2 modules, 1 declared edges, 0 problems\n"))

    def test_an_undeclared_include_is_named_with_its_line(self):
        code, output = self.edges("base|||\nevent|||time.cc\n", {"event/time.cc": '\n#include "base/text.h"\n'})
        self.assertEqual(code, 1)
        self.assertIn("/src/event/time.cc:2: module 'event' includes 'base' but does not declare it in USES", output)

    def test_an_edge_that_nothing_includes_is_reported(self):
        code, output = self.edges("base|||\nevent|base||time.cc\n", {"event/time.cc": "\n"})
        self.assertEqual(code, 1)
        self.assertIn("declares USES base, which no source includes: remove it", output)

    def test_an_edge_of_the_tests_alone_belongs_to_test_uses(self):
        proof = {"event/time.cc": "\n", "event/time_test.cc": '#include "base/text.h"\n'}
        code, output = self.edges("base|||\nevent|base||time.cc;time_test.cc\n", proof)
        self.assertEqual(code, 1)
        self.assertIn("only its tests do: declare it in TEST_USES", output)
        self.assertEqual(self.edges("base|||\nevent||base|time.cc;time_test.cc\n", proof)[0], 0)

    def test_a_source_must_not_lean_on_test_uses(self):
        code, output = self.edges("base|||\nevent||base|time.cc;time_test.cc\n",
                                  {"event/time.cc": '#include "base/text.h"\n', "event/time_test.cc": '#include "base/text.h"\n'})
        self.assertEqual(code, 1)
        self.assertIn("time.cc:1: 'base' is declared in TEST_USES, but this is no test", output)

    def test_a_source_that_is_never_built_is_reported(self):
        code, output = self.edges("base|||\n", {"base/lost_test.cc": "\n"})
        self.assertEqual(code, 1)
        self.assertIn("/src/base/lost_test.cc:1: not listed in", output)

    def test_an_empty_table_is_no_success(self):
        self.assertEqual(self.edges("", {})[0], 1)


if __name__ == "__main__":
    unittest.main()
