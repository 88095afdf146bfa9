"""`wardlock audit retain`: what has been kept long enough is removed, and nothing else."""
import json
import unittest

from program import Pdp, ProgramTest
from serving import ENTITIES, POLICIES, SCHEMA, question

CONFIG = """
policies: policies
entities: entities.json
listeners: [{address: "127.0.0.1:0"}]
audit:
  directory: log
  immutable: false
"""


class RetainTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("policies/rules.cedar", POLICIES)
        self.write("policies/rules.cedarschema", SCHEMA)
        self.write("entities.json", ENTITIES)
        self.configure("  retention: {otherwise: 6y, research: 25y}\n")
        with self.pdp() as pdp:
            self.assertEqual(pdp.ask(question())[0], 200)

    def configure(self, retention):
        self.write("wardlock.yaml", CONFIG + retention)

    def pdp(self):
        return Pdp("--policies", "policies", "--entities", "entities.json", "--audit", "log",
                   cwd=self.folder)

    def retain(self, *more):
        return self.run_here("audit", "retain", "--config", "wardlock.yaml", *more)

    def test_a_log_of_today_stays_as_it_is(self):
        before = sorted(path.name for path in (self.folder / "log/segments").iterdir())
        for more in ((), ("--yes",)):
            result = self.retain(*more)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertEqual(result.stdout,
                             "nothing may be removed yet: the last segment is being written\n")
        found = json.loads(self.retain("--json").stdout)
        self.assertEqual((found["first"], found["count"], found["removed"]), (0, 0, False))
        after = sorted(path.name for path in (self.folder / "log/segments").iterdir())
        self.assertEqual([name for name in before if name.endswith(".seg")],
                         [name for name in after if name.endswith(".seg")])
        self.assertEqual(self.run_here("audit", "verify", "log").returncode, 0)

    def test_while_a_server_has_the_log_nothing_is_removed(self):
        with self.pdp():
            result = self.retain("--yes")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("lock", result.stderr)

    def test_without_a_retention_nothing_is(self):
        self.configure("")
        result = self.retain("--yes")
        self.assertEqual(result.returncode, 1)
        self.assertIn("does not say how long records are kept", result.stderr)

    def test_less_than_six_years_is_refused(self):
        self.configure("  retention: {otherwise: 5y}\n")
        result = self.retain("--yes")
        self.assertEqual(result.returncode, 3)
        self.assertIn("years, from `6y` to `99y`", result.stderr)


if __name__ == "__main__":
    unittest.main()
