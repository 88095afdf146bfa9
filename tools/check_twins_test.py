import pathlib
import tempfile
import unittest

import check_twins


class CheckTwinsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, text, space="wardlock::authn"):
        file = self.root / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"namespace {space} {{\n\n{text}\n\n}}  // namespace {space}\n")

    def problems(self):
        return check_twins.check(self.root)

    def test_refuses_a_name_that_two_files_define(self):
        self.write("a/x.h", "struct Step {\n  int a;\n};")
        self.write("b/y.h", "class Step final : public Base {\n};")
        self.assertEqual(len(self.problems()), 1)
        self.assertIn("src/a/x.h:3 and src/b/y.h:3: both define `wardlock::authn::Step`",
                      self.problems()[0])

    def test_finds_types_of_every_kind(self):
        for kind in ("struct X {", "class X {", "enum class X : std::uint8_t { kA };",
                     "class X\n    : public Base {", "struct X {};"):
            self.write("a/x.h", kind)
            self.write("b/y.cc", "struct X {\n};")
            self.assertEqual(len(self.problems()), 1, kind)

    def test_takes_one_definition_and_its_announcements(self):
        self.write("a/x.h", "struct Step {\n};")
        self.write("b/y.h", "struct Step;\nclass Other;")
        self.assertEqual(self.problems(), [])

    def test_takes_the_same_name_elsewhere(self):
        self.write("a/x.h", "struct Step {\n};")
        self.write("b/y.h", "struct Step {\n};", "wardlock::net")
        self.write("c/z.cc", "namespace {\nstruct Step {\n};\n}  // namespace")
        self.write("d/w.h", "struct Walk {\n  struct Step {\n  };\n};")
        self.write("e/v_test.cc", "struct Step {\n};")
        self.assertEqual(self.problems(), [])


if __name__ == "__main__":
    unittest.main()
