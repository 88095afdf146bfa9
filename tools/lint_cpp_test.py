import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import lint_cpp


class LintCppTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(setattr, lint_cpp, "ROOT", lint_cpp.ROOT)
        lint_cpp.ROOT = pathlib.Path(folder.name)
        self.write("src/base/error.h", "")
        self.write("src/base/error.cc", '#include "base/error.h"\n')
        self.write("src/pdp/rule.h", '#include "base/error.h"\n')
        self.write("src/pdp/rule.cc", '// why\n#include <vector>\n#include "pdp/rule.h"\n')

    def write(self, path, text):
        file = lint_cpp.ROOT / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def fingerprint(self, path="src/pdp/rule.cc", settings="1"):
        flags = [f"-I{lint_cpp.ROOT}/src", "-O2"]
        files = lint_cpp.files_of(pathlib.Path(path), flags)
        return lint_cpp.fingerprint(settings, pathlib.Path(path), flags, files)

    def commit(self, when):
        at = {"GIT_AUTHOR_DATE": f"{when} +0000", "GIT_COMMITTER_DATE": f"{when} +0000"}
        who = ["-c", "user.name=a", "-c", "user.email=a@a.example"]
        for command in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "a"]):
            subprocess.run(["git", *command], cwd=lint_cpp.ROOT, env={**os.environ, **at}, check=True)

    def test_takes_only_the_flags_of_a_command(self):
        self.assertEqual(
            lint_cpp.flags_of("/usr/bin/ccache c++ -DA=1 -I/x -isystem /y -O2 -MD -MT a.o -MF a.d "
                              "-o a.o -c a.cc"),
            ["-DA=1", "-I/x", "-isystem", "/y", "-O2", "-MD"])

    def test_headers_made_ready_hide_no_missing_include(self):
        self.assertEqual(lint_cpp.flags_of("c++ -O2 -fpch-preprocess -Winvalid-pch -include x.hxx -o a.o -c a.cc"),
                         ["-O2"])

    def test_a_file_without_flags_takes_those_of_the_nearest(self):
        known = {pathlib.Path("src/base/error.cc"): ["base"], pathlib.Path("src/pdp/rule.cc"): ["pdp"]}
        self.assertEqual(lint_cpp.flags_for(pathlib.Path("src/pdp/cause.h"), known), ["pdp"])

    def test_a_result_depends_on_headers_included_through_others(self):
        before = self.fingerprint()
        self.assertEqual(self.fingerprint(), before)
        self.write("src/base/error.h", "struct Error;\n")
        self.assertNotEqual(self.fingerprint(), before)

    def test_a_result_depends_on_settings_and_path(self):
        self.assertNotEqual(self.fingerprint(settings="2"), self.fingerprint())
        self.assertNotEqual(self.fingerprint("src/base/error.cc"), self.fingerprint())

    def test_a_result_is_the_same_in_every_checkout(self):
        before = self.fingerprint()
        other = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "checkout"
        shutil.copytree(lint_cpp.ROOT, other)
        lint_cpp.ROOT = other
        self.assertEqual(self.fingerprint(), before)

    def test_a_result_does_not_depend_on_strangers(self):
        before = self.fingerprint("src/base/error.cc")
        self.write("src/pdp/rule.h", "")
        self.assertEqual(self.fingerprint("src/base/error.cc"), before)

    def test_when_a_file_changed_is_when_it_was_committed_last(self):
        self.commit(1_000_000_000)
        self.write("src/pdp/rule.cc", "")
        self.commit(1_100_000_000)
        self.write("src/base/error.h", "struct Error;\n")
        begin = time.time()
        times = lint_cpp.change_times()
        self.assertEqual(times["src/pdp/rule.h"], 1_000_000_000)
        self.assertEqual(times["src/pdp/rule.cc"], 1_100_000_000)
        self.assertGreaterEqual(times["src/base/error.h"], begin - 1, "and is not committed yet")

    def test_outside_of_a_checkout_nothing_is_known(self):
        self.assertEqual(lint_cpp.change_times(), {})

    def test_a_header_is_checked_alone_unless_its_source_includes_it_first(self):
        self.assertTrue(lint_cpp.is_included_first(pathlib.Path("src/base/error.h")))
        self.assertFalse(lint_cpp.is_included_first(pathlib.Path("src/pdp/rule.h")))
        self.write("src/pdp/cause.h", "")
        self.assertFalse(lint_cpp.is_included_first(pathlib.Path("src/pdp/cause.h")))


if __name__ == "__main__":
    unittest.main()
