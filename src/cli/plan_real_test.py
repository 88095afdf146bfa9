"""`wardlock tpe` and `wardlock plan` as a user runs them; the hospital's plans on real databases."""
import json
import pathlib
import sys
import unittest

from program import EVALUATION, HOSPITAL, Pdp, ProgramTest, exchange, question, run

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "conformance" / "plan-sql"))
from databases import PostgresServer, Postgresql, Sqlite  # noqa: E402

SCHEMA = '''
entity Ward;
entity User = { level: Long };
entity Chart in [Ward] = { owner: User, title: String, note?: String };
action view appliesTo { principal: User, resource: Chart, context: { rate: Long } };
'''
POLICIES = '''
@id("own") permit (principal, action, resource) when { resource.owner == principal };
@id("noted") forbid (principal, action, resource) when { resource.note == "secret" };
'''
ENTITIES = [{"uid": {"type": "User", "id": "ada"}, "attrs": {"level": 3}, "parents": []}]
MAPPING = '''types:
  Chart:
    table: charts
    id: id
    attributes: {owner: owner, note: note}
'''
ASKED = ("-p", "p.cedar", "-s", "s.cedarschema", "--entities", "e.json",
         "-a", 'Action::"view"', "--resource-type", "Chart")
ADA = ("-l", 'User::"ada"')


class PartialTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("p.cedar", POLICIES)
        self.write("s.cedarschema", SCHEMA)
        self.write("e.json", ENTITIES)
        self.write("m.yaml", MAPPING)


class Tpe(PartialTest):
    def test_prints_what_is_left(self):
        self.assert_prints('UNKNOWN\n// `own`\n@id("own")\npermit (principal, action, resource)\n'
                           'when { resource.owner == User::"ada" };\n// `noted`\n@id("noted")\n'
                           'forbid (principal, action, resource)\n'
                           'when { resource.note == "secret" };\n',
                           "tpe", *ASKED, *ADA, code=4)
        answer = self.json_of("tpe", *ASKED, *ADA, code=4)
        self.assertEqual(answer["decision"], "unknown")
        self.assertEqual(answer["residuals"][0]["json"]["effect"], "permit")
        self.assertTrue(answer["residuals"][1]["can_err"])

    def test_status_tells_what_is_decided(self):
        self.write("p.cedar", '@id("p") permit (principal, action, resource) '
                   'when { principal.level > 2 };')
        self.assert_prints("ALLOW\n// `p`: true\n", "tpe", *ASKED, *ADA)
        self.write("p.cedar", '@id("p") permit (principal, action, resource) '
                   'when { principal.level > 3 };')
        self.assert_prints("DENY\n// `p`: false\n", "tpe", *ASKED, *ADA, code=2)

    def test_parts_of_entities_may_be_unknown(self):
        self.write("e.json", [{"uid": {"type": "User", "id": "ada"}, "parents": []}])
        self.write("p.cedar", 'permit (principal, action, resource) when { principal.level > 2 };')
        answer = self.json_of("tpe", *ASKED, *ADA, code=4)
        self.assertIn('User::"ada".level > 2', answer["residuals"][0]["text"])

    def test_refuses(self):
        self.assert_fails("`--principal-type` alone", "tpe", *ASKED)
        self.assert_fails("leave out `--principal-type`", "tpe", *ASKED, *ADA, "--principal-type",
                          "User")
        self.assert_fails("cannot be of type `Chrt`; did you mean `Chart`?", "tpe", *ASKED[:-1],
                          "Chrt", *ADA, code=3)
        self.assert_fails("context", "tpe", *ASKED, *ADA, "-c", '{"rate": "x"}', code=3)
        self.write("e.json", [{"uid": {"type": "User", "id": "ada"}, "attrs": {"level": "x"}}])
        self.assert_fails("level", "tpe", *ASKED, *ADA, code=3)


class Plan(PartialTest):
    def test_prints_the_condition(self):
        self.assert_prints('conditional\nallowed where\n  all of:\n    `own` is true:\n'
                           '      resource.owner == User::"ada"\n    `noted` is false:\n'
                           '      resource.note == "secret"\n',
                           "plan", *ASKED, *ADA)
        plan = self.json_of("plan", *ASKED, *ADA)
        own, noted = plan["condition"]["all"]
        self.assertEqual((own["is"], noted["is"]), (["true"], ["false"]))
        self.assertEqual(own["expression"]["arguments"][0],
                         {"attribute": "owner", "type": "User", "arguments": [
                             {"variable": "resource", "type": "Chart"}]})

    def test_sql_selects_what_is_allowed(self):
        """A chart without a note errs in the forbid, and so is denied."""
        sql = self.json_of("plan", *ASKED, *ADA, "--sql", "sqlite", "--mapping", "m.yaml")["sql"]
        charts = {"name": "charts", "columns": [("id", "text"), ("owner", "text"), ("note", "text")],
                  "rows": [("1", "ada", "x"), ("2", "ada", None), ("3", "ada", "secret"),
                           ("4", "eve", "x"), ("5", "ADA", "x"), ("6", None, "x")]}
        rows = list(Sqlite([charts]).select([(sql["statement"], sql["parameters"])]))
        self.assertEqual(rows, [[("1",)]])

    def test_refuses(self):
        self.assert_fails("`--sql` needs `--mapping`", "plan", *ASKED, *ADA, "--sql", "sqlite")
        self.assert_fails("goes with `--sql`", "plan", *ASKED, *ADA, "--mapping", "m.yaml")
        self.assert_fails("no grant `g`", "plan", *ASKED, *ADA, "--grant", "g")
        self.write("m.yaml", MAPPING.replace("owner: owner", "ownr: owner"))
        self.assert_fails(["m.yaml:5:", "no attribute `ownr`; did you mean `owner`?"], "plan",
                          *ASKED, *ADA, "--sql", "sqlite", "--mapping", "m.yaml")
        self.write("m.yaml", MAPPING.replace(", note: note", ""))
        self.assert_fails("the policy `noted`: `resource.note` cannot be said in SQL", "plan",
                          *ASKED, *ADA, "--sql", "sqlite", "--mapping", "m.yaml")


class SqliteKinds(ProgramTest):
    """What is of another storage class than its type is absent."""
    CHARTS = {"name": "charts", "declared": ["", "", ""],
              "columns": [("id", "text"), ("owner", "text"), ("open", "boolean")],
              "rows": [("c1", "7", 1), ("c2", 7, 1.0), ("c3", "7", "1"), (4, "7", 1)]}
    USERS = {"name": "users", "declared": ["TEXT", "INTEGER"],
             "columns": [("id", "text"), ("level", "bigint")], "rows": [("7", 1)]}
    BADGES = {"name": "badges", "columns": [("chart", "text"), ("k", "text"), ("v", "bigint")],
              "rows": [("c1", "a", 1), ("c2", "a", None), ("c3", "a", "x")]}

    def setUp(self):
        super().setUp()
        self.write("s.cedarschema", """
            entity User = { level: Long };
            entity Chart = { owner: User, open: Bool } tags Long;
            action view appliesTo { principal: User, resource: Chart };""")
        self.write("e.json", [])
        self.write("m.yaml", """types:
  User: {table: users, id: id, attributes: {level: level}}
  Chart: {table: charts, id: id, attributes: {owner: owner, open: open},
          tags: {table: badges, owner: chart, key: k, value: v}}
""")

    def selected(self, condition, users=USERS, charts=CHARTS):
        self.write("p.cedar", f"permit (principal, action, resource) when {{ {condition} }};")
        sql = self.json_of("plan", *ASKED, *ADA, "-c", "{}", "--sql", "sqlite", "--mapping",
                           "m.yaml")["sql"]
        database = Sqlite([charts, users, self.BADGES])
        rows, = database.select([(sql["statement"], sql["parameters"])])
        return sorted(name for name, in rows)

    def test_ids_are_texts(self):
        self.assertEqual(self.selected("true"), ["c1", "c2", "c3"])
        self.assertEqual(self.selected("resource.owner.level == 1"), ["c1", "c3"])
        self.assertEqual(self.selected('User::"7".level == 1'), ["c1", "c2", "c3"])
        owned_by_numbers = {**self.CHARTS, "declared": ["", "INTEGER", ""]}
        self.assertEqual(self.selected("resource.owner.level == 1", charts=owned_by_numbers), [])
        numbered = {**self.USERS, "declared": ["INTEGER PRIMARY KEY", "INTEGER"]}
        for name in ("7", "007"):
            self.assertEqual(self.selected(f'User::"{name}".level == 1', numbered), [])

    def test_booleans_are_0_and_1(self):
        self.assertEqual(self.selected("resource.open"), ["c1"])
        self.assertEqual(self.selected("resource has open"), ["c1"])

    def test_tags_have_values(self):
        self.assertEqual(self.selected('resource.hasTag("a")'), ["c1"])

    def test_an_id_with_a_nul_is_called_so(self):
        self.write("p.cedar",
                   'permit (principal, action, resource) when { User::"\\0".level == 1 };')
        self.assert_fails("holds a NUL, which no database compares", "plan", *ASKED, *ADA, "-c",
                          "{}", "--sql", "sqlite", "--mapping", "m.yaml")


class Hospital(unittest.TestCase):
    """What the databases select is what the PDP allows when asked about each one."""
    maxDiff = None

    STAFF = ("dr-grey", "dr-haddad", "nurse-lee", "lab-ng", "admin-hale", "contractor-fox")
    QUESTIONS = (("view", "Patient"), ("edit", "Patient"), ("view", "LabReport"),
                 ("view", "ImagingStudy"), ("viewSettings", "InfusionPump"))

    @classmethod
    def setUpClass(cls):
        cls.entities = json.loads((HOSPITAL / "entities.json").read_text())

    def entities_of(self, kind):
        return [entity for entity in self.entities if entity["uid"]["type"] == kind]

    def tables(self):
        """The hospital's tables as policies/hospital/tables.yaml has them."""
        def parent(entity, kind):
            ids = [each["id"] for each in entity["parents"] if each["type"] == kind]
            self.assertLessEqual(len(ids), 1)
            return ids[0] if ids else None

        def reference(entity, name):
            value = entity["attrs"].get(name)
            return value if value is None else value.get("__entity", value)["id"]

        patients = [(e["uid"]["id"], a["name"], a["recordNumber"], a["isEmergency"],
                     a["isConfidential"], a["hasPsychiatricNotes"], parent(e, "Ward"))
                    for e in self.entities_of("Patient") for a in [e["attrs"]]]
        teams = [(e["uid"]["id"], member.get("__entity", member)["id"])
                 for e in self.entities_of("Patient") for member in e["attrs"]["careTeam"]]
        pumps = [(e["uid"]["id"], a["serial"], a["model"], reference(e, "manufacturer"),
                  reference(e, "hospital"), a["inService"], reference(e, "patient"), a["maxRate"],
                  None, None, parent(e, "Ward"))
                 for e in self.entities_of("InfusionPump") for a in [e["attrs"]]]
        text = lambda *names: [(name, "text") for name in names]  # noqa: E731
        return [
            {"name": "patients", "rows": patients, "columns": [
                *text("id", "full_name", "record_number"), ("is_emergency", "boolean"),
                ("is_confidential", "boolean"), ("has_psychiatric_notes", "boolean"),
                *text("ward")]},
            {"name": "care_teams", "rows": teams, "columns": text("patient", "clinician")},
            {"name": "lab_reports", "columns": text("id", "patient", "status"), "rows": [
                (e["uid"]["id"], reference(e, "patient"), e["attrs"].get("status"))
                for e in self.entities_of("LabReport")]},
            {"name": "imaging_studies", "columns": text("id", "patient"), "rows": [
                (e["uid"]["id"], reference(e, "patient"))
                for e in self.entities_of("ImagingStudy")]},
            {"name": "infusion_pumps", "rows": pumps, "columns": [
                *text("id", "serial", "model", "manufacturer", "hospital"), ("in_service", "boolean"),
                *text("patient"), ("max_rate", "bigint"), ("maintenance_opens_at", "bigint"),
                ("maintenance_closes_at", "bigint"), *text("ward")]},
        ]

    def allowed(self, connection, who, action, kind):
        def is_allowed(entity):
            body = json.dumps(question(("User", who), action, (kind, entity["uid"]["id"])))
            _, _, text = exchange(connection, "POST", EVALUATION, body,
                                  {"Content-Type": "application/json"})
            return json.loads(text)["decision"]
        return sorted(entity["uid"]["id"] for entity in self.entities_of(kind)
                      if is_allowed(entity))

    def planned(self, dialect, who, action, kind):
        done = run("plan", "-p", HOSPITAL, "--entities", HOSPITAL / "entities.json", "-c", "{}",
                   "-l", f'User::"{who}"', "-a", f'Action::"{action}"', "--resource-type", kind,
                   "--sql", dialect, "--mapping", HOSPITAL / "tables.yaml", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        sql = json.loads(done.stdout)["sql"]
        return sql["statement"], sql["parameters"]

    def test_databases_select_what_the_pdp_allows(self):
        asked = [(who, *asked) for who in self.STAFF for asked in self.QUESTIONS]
        with (Pdp("--policies", HOSPITAL, "--entities", HOSPITAL / "entities.json") as pdp,
              pdp.connect() as connection):
            expected = [self.allowed(connection, *each) for each in asked]
        self.assertGreater(sum(map(bool, expected)), 5, "the test is only worth what it has seen")
        sqlite = Sqlite(self.tables())
        self.compare(asked, expected, sqlite)
        with PostgresServer() as server:
            self.compare(asked, expected, Postgresql(server, self.tables()))

    def compare(self, asked, expected, database):
        statements = [self.planned(database.dialect, *each) for each in asked]
        for each, ids, rows in zip(asked, expected, database.select(statements), strict=True):
            self.assertEqual(sorted(row[0] for row in rows), ids, each)


if __name__ == "__main__":
    unittest.main()
