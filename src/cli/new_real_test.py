"""`wardlock new`: what it makes works as it is."""
import os
import unittest

from program import ProgramTest

FILES = ["README.md", "ward.cedarschema", "pumps.cedar", "entities.json", "tests/pumps.test.yaml"]


class NewTest(ProgramTest):
    def make(self, name="made"):
        result = self.run_here("new", name)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def test_makes_the_files_and_says_so(self):
        self.assertEqual(self.make(), "".join(f"made/{name}\n" for name in FILES) +
                         "try `wardlock run-tests --policies made`\n")
        for name in FILES:
            self.assertTrue((self.folder / "made" / name).is_file())
        self.assertEqual(self.json_of("new", "deep/er"),
                         {"folder": "deep/er", "files": [f"deep/er/{name}" for name in FILES]})

    def test_what_it_makes_is_formatted_and_passes_its_tests(self):
        self.make()
        self.assert_prints("1 file formatted\n", "format", "-p", "made", "--check")
        result = self.run_here("run-tests", "-p", "made")
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertIn(" passed, 0 failed", result.stdout)

    def test_what_it_makes_validates(self):
        self.make()
        self.assertEqual(self.run_here("check-parse", "-p", "made", "-s", "made/ward.cedarschema",
                                       "--entities", "made/entities.json").stderr, "")
        result = self.run_here("validate", "-p", "made", "-s", "made/ward.cedarschema")
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)

    def test_readme_commands_exist(self):
        self.make()
        readme = (self.folder / "made" / "README.md").read_text()
        commands = [line.split()[1] for line in readme.splitlines()
                    if line.startswith("    wardlock ")]
        self.assertEqual(len(commands), 4)
        for command in commands:
            self.assertEqual(self.run_here(command, "--help").returncode, 0, command)

    def test_nothing_is_overwritten(self):
        self.write("there/notes.txt", "mine")
        self.write("file", "mine")
        os.symlink("nowhere", self.folder / "link")
        for name in ["there", "file", "link"]:
            self.assert_fails(f"`{name}` exists", "new", name)
        self.assertEqual(os.listdir(self.folder / "there"), ["notes.txt"])
        (self.folder / "empty").mkdir()
        self.make("empty")

    def test_bad_names(self):
        self.assert_fails("folder", "new")
        self.assert_fails("name", "new", "")
        self.write("file", "mine")
        self.assert_fails("`file/x` cannot be made", "new", "file/x")


if __name__ == "__main__":
    unittest.main()
