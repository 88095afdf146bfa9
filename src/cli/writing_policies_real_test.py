"""The tutorial docs/writing-policies.md: its commands, in its order, print what it says."""
import unittest

import program
from program import ProgramTest


class WritingPoliciesTest(ProgramTest):
    def test_prints_what_the_document_says(self):
        self.assertGreater(program.assert_console_steps(self, "writing-policies.md"), 10)


if __name__ == "__main__":
    unittest.main()
