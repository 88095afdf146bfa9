"""What a statement selects from a real database is what `pdp::decide` allows one by one: drawn
policies, requests and rows, hostile texts among them, on SQLite and PostgreSQL."""
import collections
import json
import os
import subprocess
import unittest
from random import Random

from databases import PostgresServer, Postgresql, Sqlite

PLAN_CASES = os.environ["PLAN_CASES"]
SEED, WORLDS = os.environ.get("SEED", "1"), os.environ.get("WORLDS", "100")
POSTGRESQL_WORLDS = int(os.environ.get("POSTGRESQL_WORLDS", "20"))


def expected_rows(case, owes):
    """(id, owes the first obligation, the second, …) for each that is allowed."""
    return sorted((name, *(obligation in owed for obligation in owes))
                  for name, owed in case["expected"].items())


# By the kind of a column: what it may be declared as in SQLite, and what is no value of the kind.
DECLARED = {"text": ("TEXT", ""), "bigint": ("INTEGER", ""), "boolean": ("INTEGER", "")}
OTHERS = {"text": (b"a", b""), "bigint": ("abc", 5.5, b"1", ""), "boolean": (2, -1, 0.5, "x", b"1")}
OF_ENTITIES = {"groups", "user", "folders", "Docs"}  # the first column is an id
GHOST_AS_NUMBER = 7  # nobody is called "007"


def spoilt(table, random):
    """The table with values of other kinds where it has none, and with rows more that are nobody's:
    each is a copy of a row, but for such a value."""
    kinds = [kind for _, kind in table["columns"]]
    # No id looks like a number, so that a column of numbers can hold them.
    declared = [random.choice(DECLARED[kind]) for kind in kinds]
    declared[0] = random.choice(["TEXT", "INTEGER", ""])

    def other(at):
        choices = OTHERS[kinds[at]]
        if declared[at] == "":
            choices += {"text": (7, 1.5), "bigint": ("1",), "boolean": ("1", "0", 1.0)}[kinds[at]]
        return random.choice(choices)

    def with_others(row):
        return [other(at) if value is None and random.random() < 0.7 else value
                for at, value in enumerate(row)]

    rows = [with_others(row) for row in table["rows"]]
    for row in list(rows):
        at = 0 if table["name"] in OF_ENTITIES else random.randrange(len(row))
        nobody = GHOST_AS_NUMBER if at == 0 and declared[0] != "TEXT" else other(at)
        rows.append([nobody if i == at else value for i, value in enumerate(row)])
    random.shuffle(rows)
    return {**table, "declared": declared, "rows": rows}


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

    def test_sqlite_with_values_of_other_kinds(self):
        """They are as if absent, whatever the column is declared as."""
        seen = collections.Counter()
        random = Random(int(SEED))
        for world in self.worlds:
            tables = [spoilt(table, random) for table in world["tables"]["sqlite"]]
            self.check(Sqlite(tables), world["cases"], seen)
        self.assert_seen(seen, len(self.worlds))

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
