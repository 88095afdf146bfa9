"""Completion in real shells, and the manual page under the tools that read it."""
import os
import re
import subprocess
import unittest

import program
from program import ProgramTest, run

COMMANDS = re.findall(r"^  ([a-z-]+) {2,}", run("--help").stdout.split("Commands:")[1], re.M)


class ShellTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("hospital.cedar", "")
        self.write("a folder/x.json", "")

    def script(self, shell):
        result = run("completion", shell)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.write("script", result.stdout)
        return result.stdout

    def shell(self, *words, stdin=None):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
                       "TERM": "dumb"}
        result = subprocess.run(words, cwd=self.folder, env=environment, input=stdin, text=True,
                                capture_output=True, timeout=program.LIMIT_S)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout


class BashTest(ShellTest):
    # `compopt` works inside a completion only: here it says what it was asked for.
    ASK = """
compopt() { echo "compopt $*"; }
source ./script
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_wardlock
printf '%s\\n' "${COMPREPLY[@]}"
"""

    def setUp(self):
        super().setUp()
        self.script("bash")

    def complete(self, *words):
        return self.shell("bash", "--norc", "-c", self.ASK, "bash", "wardlock", *words).split("\n")[:-1]

    def test_offers_every_command(self):
        self.assertEqual(self.complete(""), COMMANDS)
        self.assertEqual(self.complete("auth"), ["authorize"])
        self.assertEqual(self.complete("--json", "auth"), ["authorize"])

    def test_offers_every_option_of_every_command(self):
        for command in COMMANDS:
            shown = set(re.findall(r"(?<![\w'-])--?[a-z][a-z-]*", "\n".join(
                line.split("  ")[1] for line in run(command, "--help").stdout.split("Examples:")[0]
                .splitlines() if re.match(r"  -", line))))
            self.assertLessEqual(shown, set(self.complete(command, "-")), command)
            self.assertIn("--help", shown)

    def test_offers_choices(self):
        for words in [["pdp", "--mode", ""], ["pdp", "--mode", "="], ["pdp", "--mode", "=", ""]]:
            self.assertEqual(self.complete(*words), ["cedar", "strict"])
        self.assertEqual(self.complete("pdp", "--mode", "=", "st"), ["strict"])
        self.assertEqual(self.complete("completion", "z"), ["zsh"])

    def test_leaves_files_to_the_shell(self):
        for words in [["pdp", "-p", ""], ["pdp", "--policies", "=", "ho"],
                      ["authorize", "--mode", "strict", "--context", ""]]:
            self.assertEqual(self.complete(*words), ["compopt -o default", ""])

    def test_offers_nothing_where_nothing_is_known(self):
        for words in [["pdp", "--listen", ""], ["evaluate", ""], ["pdp", "--mode", "x"], ["zzz"],
                      ["authorize", "--no-such"]]:
            self.assertEqual(self.complete(*words), [""], words)

    def test_a_value_is_no_command(self):
        self.assertEqual(self.complete("authorize", "--principal", "pdp", "--thr"), [""])
        self.assertEqual(self.complete("authorize", "--principal", "=", "pdp", "--verb"),
                         ["--verbose"])


class FishTest(ShellTest):
    def setUp(self):
        super().setUp()
        self.script("fish")

    def complete(self, line):
        text = self.shell("fish", "--no-config", "-c", "source ./script; complete -C $argv[1]", line)
        return [offer.split("\t")[0] for offer in text.splitlines()]

    def test_offers_commands_options_choices_and_files(self):
        self.assertCountEqual(self.complete("wardlock "), COMMANDS)
        self.assertEqual(self.complete("wardlock --json auth"), ["authorize"])
        self.assertIn("--verbose", self.complete("wardlock authorize --"))
        self.assertEqual(self.complete("wardlock pdp --mode "), ["cedar", "strict"])
        self.assertEqual(self.complete("wardlock pdp --mode=st"), ["--mode=strict"])
        self.assertEqual(self.complete("wardlock completion "), ["bash", "fish", "zsh"])
        self.assertEqual(self.complete("wardlock pdp -p hosp"), ["hospital.cedar"])
        self.assertEqual(self.complete("wardlock pdp -p a"), ["a folder/"])

    def test_offers_nothing_else(self):
        for line in ["wardlock authorize --principal pdp --thr", "wardlock pdp --listen ",
                     "wardlock evaluate ", "wardlock pdp auth", "wardlock language-version hosp"]:
            self.assertEqual(self.complete(line), [], line)


class ZshTest(ShellTest):
    # A terminal of zsh's own: the line is typed, Tab pressed, and the line that stands then shown.
    ASK = """
zmodload zsh/zpty
zpty shell zsh -f -i
for line in 'PS1=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D' \\
    'source ./script; bindkey "^I" complete-word; bindkey "^X" show; zle -N show' \\
    'show() { print -r -- "<<$BUFFER>>"; BUFFER=; zle accept-line }' 'print ready-$((40 + 2))'; do
  zpty -w shell $line
done
zpty -r shell seen '*ready-42*'
zpty -w -n shell $1$'\\t\\030'
zpty -r shell seen '*<<*>>*'
print -r -- ${${seen##*<<}%%>>*}
"""

    def setUp(self):
        super().setUp()
        self.text = self.script("zsh")

    def complete(self, line):
        return self.shell("zsh", "-f", "-c", self.ASK, "zsh", line).rstrip("\n")

    def test_is_sound(self):
        self.shell("zsh", "-f", "-n", "script")
        self.assertTrue(self.text.startswith("#compdef wardlock\n"))

    def test_completes_commands_options_choices_and_files(self):
        for typed, completed in [
            ("wardlock autho", "wardlock authorize "),
            ("wardlock --json autho", "wardlock --json authorize "),
            ("wardlock authorize --verb", "wardlock authorize --verbose "),
            ("wardlock pdp --mode st", "wardlock pdp --mode strict "),
            ("wardlock pdp --mode=st", "wardlock pdp --mode=strict "),
            ("wardlock pdp --mode strict --thr", "wardlock pdp --mode strict --threads="),
            ("wardlock completion z", "wardlock completion zsh "),
            ("wardlock pdp -p hosp", "wardlock pdp -p hospital.cedar "),
        ]:
            with self.subTest(typed=typed):
                self.assertEqual(self.complete(typed).rstrip(), completed.rstrip())

    def test_completes_nothing_else(self):
        for typed in ["wardlock authorize --thr", "wardlock pdp autho", "wardlock evaluate hosp",
                      "wardlock authorize --principal hosp"]:
            with self.subTest(typed=typed):
                self.assertEqual(self.complete(typed), typed)


class ManPageTest(ShellTest):
    def setUp(self):
        super().setUp()
        self.page = run("man", env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000"}).stdout
        self.write("wardlock.1", self.page)

    def test_reads_without_a_warning(self):
        self.assertEqual(self.shell("mandoc", "-T", "lint", "-W", "warning", "wardlock.1"), "")
        result = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "wardlock.1"],
                                cwd=self.folder, text=True, capture_output=True, check=True)
        self.assertEqual(result.stderr, "")

    def test_shows_every_command_and_option(self):
        shown = self.shell("mandoc", "-T", "utf8", "-O", "width=200", "wardlock.1")
        shown = re.sub(".\b", "", shown)
        self.assertIn("September 21, 2026", shown)
        for command in COMMANDS:
            self.assertIn(f"\n   wardlock {command}\n", shown)
            for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", run(command, "--help").stdout, re.M):
                self.assertIn(option, shown)
        self.assertIn("""\n           --principal 'User::"nurse-lee"' --action""",
                      re.sub("\n +--principal", "\n           --principal", shown))

    def test_a_date_that_is_none_is_today(self):
        for epoch in ["", "-1", "x", "1e9", "99999999999999999999"]:
            result = run("man", env={**os.environ, "SOURCE_DATE_EPOCH": epoch})
            self.assertEqual(result.returncode, 0)
            self.assertNotIn("September 21, 2026", result.stdout)


class MistakesTest(unittest.TestCase):
    def test_refuses_what_is_no_shell(self):
        for words in [[], ["tcsh"], ["bash", "zsh"], ["BASH"], ["--shell=bash"]]:
            result = run("completion", *words)
            self.assertEqual((result.returncode, result.stdout), (1, ""), words)
            self.assertTrue(result.stderr.startswith("error: "), result.stderr)
        self.assertIn("bash", run("completion", "tcsh").stderr)
        self.assertEqual(run("man", "wardlock").returncode, 1)


if __name__ == "__main__":
    unittest.main()
