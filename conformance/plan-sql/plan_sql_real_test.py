"""What a statement selects from a real database is what `pdp::decide` allows one by one: drawn
policies, requests and rows, hostile texts among them, on SQLite and PostgreSQL."""
import collections
import json
import os
import subprocess
import unittest

from databases import PostgresServer, Postgresql, Sqlite

PLAN_CASES = os.environ["PLAN_CASES"]
SEED, WORLDS = os.environ.get("SEED", "1"), os.environ.get("WORLDS", "100")
POSTGRESQL_WORLDS = int(os.environ.get("POSTGRESQL_WORLDS", "20"))


def expected_rows(case, owes):
    """(id, owes the first obligation, the second, …) for each that is allowed."""
    return sorted((name, *(obligation in owed for obligation in owes))
                  for name, owed in case["expected"].items())


class PlanSql(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        lines = subprocess.run([PLAN_CASES, SEED, WORLDS], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines()
        cls.worlds = [json.loads(line) for line in lines]

    def check(self, database, cases, seen):
        planned = [case for case in cases if "sql" in case[database.dialect]]
        for case in cases:
            seen["cannot be said"] += "sql" not in case[database.dialect]
        statements = [(case[database.dialect]["sql"], case[database.dialect]["parameters"])
                      for case in planned]
        for case, rows in zip(planned, database.select(statements), strict=True):
            statement = case[database.dialect]
            owes = statement["owes"]
            self.assertEqual(sorted(rows), expected_rows(case, owes),
                             f"{case['policies']}\n{statement['sql']}\n{statement['parameters']}")
            seen["asked"] += 1
            seen["selected some"] += 0 < len(rows)
            seen["conditional"] += case["kind"] == "conditional"
            seen["owed"] += any(any(row[1:]) for row in rows)

    def assert_seen(self, seen, worlds):
        """The test is only worth what it has seen."""
        self.assertGreater(seen["asked"], 20 * worlds)
        self.assertGreater(seen["conditional"], 5 * worlds)
        self.assertGreater(seen["selected some"], 3 * worlds)
        self.assertGreater(seen["owed"], worlds / 10)

    def test_sqlite(self):
        seen = collections.Counter()
        for world in self.worlds:
            self.check(Sqlite(world["tables"]["sqlite"]), world["cases"], seen)
        self.assert_seen(seen, len(self.worlds))

    def test_postgresql(self):
        seen = collections.Counter()
        with PostgresServer() as server:
            worlds = self.worlds[:POSTGRESQL_WORLDS]
            for world in worlds:
                self.check(Postgresql(server, world["tables"]["postgresql"]), world["cases"], seen)
        self.assert_seen(seen, len(worlds))


if __name__ == "__main__":
    unittest.main()
