"""`wardlock format`: what it prints, which files it replaces, and what it leaves alone."""
import os
import shutil
import subprocess
import unittest

from program import HOSPITAL, WARDLOCK, ProgramTest

PLAIN = "permit(principal is User,action,resource)// who\nwhen{true};\n"
NEAT = """\
permit (
  principal is User,
  action,
  resource
) // who
when { true };
"""
BROKEN = "permit(principal, action resource);\n"


class FormatTest(ProgramTest):
    def test_one_file_or_standard_input_is_printed(self):
        self.write("p.cedar", PLAIN)
        self.assert_prints(NEAT, "format", "-p", "p.cedar")
        self.assert_prints(NEAT, "format", stdin=PLAIN)
        self.assert_prints(NEAT, "format", "--policies", "-", stdin=PLAIN)
        self.assertEqual(self.json_of("format", stdin=PLAIN), {"formatted": NEAT})
        self.assertEqual((self.folder / "p.cedar").read_text(), PLAIN)

    def test_widths(self):
        self.assert_prints(NEAT.replace("  ", "   "), "format", "-i", "3", stdin=PLAIN)
        self.assert_prints(NEAT.replace(" is User", "\n    is\n    User").replace("when {", "when\n{"),
                           "format", "--line-width", "12", stdin=PLAIN)
        for option in ["-l", "-i"]:
            for width in ["-1", "x", "10001", ""]:
                self.assert_fails(option.strip("-")[0], "format", option, width, stdin=PLAIN)

    def test_check_names_the_files_that_are_not_formatted(self):
        self.write("d/a.cedar", NEAT)
        self.write("d/b.cedar", PLAIN)
        self.write("d/s.cedarschema", "entity   User;")
        self.write("d/notes.txt", PLAIN)
        self.assert_prints("d/b.cedar\n1 of 2 files not formatted; run `wardlock format --write`\n",
                           "format", "-p", "d", "--check", code=1)
        self.assertEqual(self.json_of("format", "-p", "d", "-c", code=1),
                         {"unformatted": ["d/b.cedar"], "files": 2})
        self.assert_prints("1 file formatted\n", "format", "-p", "d/a.cedar", "--check")
        self.assertEqual((self.folder / "d/b.cedar").read_text(), PLAIN)

    def test_write_replaces_what_changes_and_keeps_permissions(self):
        self.write("d/a.cedar", NEAT)
        self.write("d/b.cedar", PLAIN)
        self.write("c.cedar", PLAIN)
        os.chmod(self.folder / "d/b.cedar", 0o600)
        before = os.stat(self.folder / "d/a.cedar")
        self.assert_prints("2 files written, 1 formatted already\n",
                           "format", "-p", "d", "-p", "c.cedar", "--write")
        for name in ["d/a.cedar", "d/b.cedar", "c.cedar"]:
            self.assertEqual((self.folder / name).read_text(), NEAT)
        self.assertEqual(os.stat(self.folder / "d/b.cedar").st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(self.folder / "d/a.cedar").st_mtime_ns, before.st_mtime_ns)
        self.assertEqual(sorted(os.listdir(self.folder / "d")), ["a.cedar", "b.cedar"])
        self.assertEqual(self.json_of("format", "-p", "d", "-w"), {"written": [], "files": 2})

    def test_nothing_is_written_where_a_file_has_an_error(self):
        self.write("d/a.cedar", PLAIN)
        self.write("d/b.cedar", BROKEN)
        for flags in [["--write"], ["--check"], []]:
            self.assert_fails("d/b.cedar:1:26: error", "format", "-p", "d", *flags)
        self.assertEqual((self.folder / "d/a.cedar").read_text(), PLAIN)

    def test_a_replaced_file_keeps_owner_group_and_links_to_it(self):
        self.write("d/b.cedar", PLAIN)
        os.symlink("b.cedar", self.folder / "d/link")
        is_root = os.geteuid() == 0
        if is_root:
            os.chown(self.folder / "d/b.cedar", 12345, 54321)
        before = os.stat(self.folder / "d/b.cedar")
        self.assert_prints("1 file written, 0 formatted already\n", "format", "-p", "d/link", "-w")
        after = os.stat(self.folder / "d/b.cedar")
        self.assertEqual((self.folder / "d/b.cedar").read_text(), NEAT)
        self.assertTrue((self.folder / "d/link").is_symlink())
        self.assertEqual((after.st_uid, after.st_gid, after.st_mode),
                         (before.st_uid, before.st_gid, before.st_mode))
        if is_root:
            self.assertEqual((after.st_uid, after.st_gid), (12345, 54321))

    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("setpriv"), "root may write anything")
    def test_a_file_that_may_not_be_written_is_not_replaced(self):
        self.write("d/b.cedar", PLAIN)
        os.chmod(self.folder / "d/b.cedar", 0o444)
        os.chmod(self.folder, 0o777)
        os.chmod(self.folder / "d", 0o777)
        # Others may write to the folder, so only the file's own permissions stand in the way.
        other = ["setpriv", "--reuid=12345", "--clear-groups"] if os.geteuid() == 0 else []
        # A copy, since that user need not see the folder of the build.
        program = shutil.copy(WARDLOCK, self.folder / "wardlock")
        result = subprocess.run([*other, program, "format", "-p", "d/b.cedar", "--write"],
                                cwd=self.folder, text=True, capture_output=True, check=False)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("`d/b.cedar` cannot be written: Permission denied", result.stderr)
        self.assertEqual((self.folder / "d/b.cedar").read_text(), PLAIN)
        self.assertEqual(os.listdir(self.folder / "d"), ["b.cedar"])

    def test_standard_input_among_files_is_refused_before_any_is_written(self):
        self.write("a.cedar", PLAIN)
        self.assert_fails("standard input cannot be written", "format", "--write", "-p", "a.cedar",
                          "-p", "-", stdin=PLAIN)
        self.assertEqual((self.folder / "a.cedar").read_text(), PLAIN)

    def test_what_cannot_be_done_is_refused(self):
        self.write("d/a.cedar", PLAIN)
        self.write("d/b.cedar", PLAIN)
        self.write("e/notes.txt", "")
        self.assert_fails("`--write` or `--check`", "format", "-p", "d")
        self.assert_fails("`--check` writes nothing", "format", "-p", "d", "-w", "-c")
        self.assert_fails("standard input cannot be written", "format", "--write", stdin=PLAIN)
        self.assert_fails("there is no `*.cedar` in `e`", "format", "-p", "e", "--check")
        self.assert_fails("`nowhere.cedar`", "format", "-p", "nowhere.cedar")
        self.assert_fails("unexpected end", "format", stdin="permit(principal")

    def test_comments_alone_stay(self):
        self.assert_prints("\n// nothing yet\n", "format", stdin="// nothing yet")

    def test_the_hospital_stays_formatted(self):
        result = self.run_here("format", "-p", HOSPITAL, "--check")
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)


if __name__ == "__main__":
    unittest.main()
