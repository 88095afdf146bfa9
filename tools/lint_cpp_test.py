import pathlib
import shutil
import tempfile
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
        return lint_cpp.fingerprint(settings, pathlib.Path(path), flags)

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

    def test_a_header_is_checked_alone_unless_its_source_includes_it_first(self):
        self.assertTrue(lint_cpp.is_included_first(pathlib.Path("src/base/error.h")))
        self.assertFalse(lint_cpp.is_included_first(pathlib.Path("src/pdp/rule.h")))
        self.write("src/pdp/cause.h", "")
        self.assertFalse(lint_cpp.is_included_first(pathlib.Path("src/pdp/cause.h")))


if __name__ == "__main__":
    unittest.main()
