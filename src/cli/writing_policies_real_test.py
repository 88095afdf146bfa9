"""The tutorial docs/writing-policies.md: its commands, in its order, print what it says."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import program
from program import ROOT

DOCUMENT = ROOT / "docs" / "writing-policies.md"


def steps():
    """(command, what it prints) for each line that begins with `$ ` in a console block."""
    for block in re.findall(r"```console\n(.*?)```", DOCUMENT.read_text(), re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = step.partition("\n")
            yield command, printed


class WritingPoliciesTest(unittest.TestCase):
    maxDiff = None

    def test_prints_what_the_document_says(self):
        path = f"{pathlib.Path(program.WARDLOCK).resolve().parent}:{os.environ['PATH']}"
        commands = 0
        with tempfile.TemporaryDirectory() as folder:
            for command, printed in steps():
                with self.subTest(command):
                    result = subprocess.run(command, shell=True, cwd=folder, text=True, timeout=60,
                                            env=dict(os.environ, PATH=path), stdout=subprocess.PIPE,
                                            stderr=subprocess.STDOUT, check=False)
                    self.assertEqual(result.stdout, printed)
                    commands += 1
        self.assertGreater(commands, 10)


if __name__ == "__main__":
    unittest.main()
