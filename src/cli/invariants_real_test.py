"""`wardlock invariants`: what holds, what fails with a counterexample, what is undecided."""
import json
import shutil
import unittest
import xml.etree.ElementTree as xml

from program import HOSPITAL, ProgramTest, run

SCHEMA = """
entity Role;
entity User in [Role] = { level: Long };
entity Photo = { owner: User, sealed: Bool };
action view appliesTo { principal: User, resource: Photo, context: { rate: Long } };
"""
POLICIES = """@id("own")
permit (principal, action == Action::"view", resource)
when { resource.owner == principal };

@id("sealed")
forbid (principal, action, resource)
when { resource.sealed };
"""
HOLDING = """
/// Sealed photos stay sealed.
invariant sealed-stays-sealed
never: anyone may view any Photo when { resource.sealed }
"""
FAILING = """
/// Nobody should.
invariant nobody-sees-photos
never: anyone may view any Photo
"""
UNDECIDED = """
invariant no-cubes
never: anyone may view any Photo when { context.rate * context.rate * context.rate == 9 }
"""


class PhotosTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("photos.cedarschema", SCHEMA)
        self.write("photos.cedar", POLICIES)

    def check(self, sentences, *options, status=0):
        self.write("photos.invariants", sentences)
        done = run("invariants", "--policies", self.folder, *options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def test_what_holds_is_counted(self):
        self.assertEqual(self.check(HOLDING).stdout,
                         "1 hold, 0 fail, 0 undecided; 0 entities taken as given\n")
        self.assertIn("holds sealed-stays-sealed", self.check(HOLDING, "--verbose").stdout)

    def test_what_fails_is_shown_with_its_place_and_reason(self):
        text = self.check(HOLDING + FAILING, status=1).stdout
        self.assertIn("photos.invariants:7:11: FAILS nobody-sees-photos\n    Nobody should.\n", text)
        self.assertIn('User::"user-1" may Action::"view" Photo::"photo-1"', text)
        self.assertIn("permit: own", text)
        self.assertTrue(text.endswith("1 hold, 1 fail, 0 undecided; 0 entities taken as given\n"))

    def test_a_counterexample_is_what_authorize_decides(self):
        found = json.loads(self.check(FAILING, "--json", status=1).stdout)
        example = found["invariants"][0]["counterexample"]
        self.write("entities.json", json.dumps(example["entities"]))
        request = example["request"]
        done = run("authorize", "--policies", self.folder, "--entities",
                   self.folder / "entities.json", "--principal", request["principal"],
                   "--action", request["action"], "--resource", request["resource"],
                   "--context", json.dumps(request["context"]))
        self.assertEqual((done.returncode, done.stdout), (0, "ALLOW\n"), done.stderr)

    def test_undecided_never_counts_as_holding(self):
        text = self.check(UNDECIDED, status=1).stdout
        self.assertIn("UNDECIDED no-cubes", text)
        self.assertIn("no question could be made, nor ruled out", text)
        found = json.loads(self.check(FAILING, "--json", "--budget", "1", status=1).stdout)
        self.assertEqual((found["holding"], found["undecided"]), (0, 1))
        self.assertIn("--budget", found["invariants"][0]["why"])

    def test_a_ci_gets_junit(self):
        report = self.folder / "report.xml"
        self.check(HOLDING + FAILING + UNDECIDED, "--junit", report, status=1)
        suites = xml.parse(report).getroot()
        self.assertEqual((suites.get("tests"), suites.get("failures")), ("3", "2"))
        self.assertEqual([failure.get("type") for failure in suites.iter("failure")],
                         ["fails", "undecided"])

    def test_mistakes_are_refused_with_a_suggestion(self):
        for text, place, message in [
                ("invariant a never: anyone may vew anything", "1:31", "did you mean"),
                ("invariant a never: anyone may view any Foto", "1:40", "did you mean `Photo`"),
                ("invariant a never: Role::x may view anything", "1:20", "neither policies nor"),
                ("invariant a never: anyone may view anything when { principal.lvel > 1 }", "1:52",
                 "did you mean `level`"),
                ("invariant a sometimes", "1:13", "`never:` or `always:` is missing"),
        ]:
            with self.subTest(text):
                wrong = self.check(text, status=1).stderr
                self.assertIn(f"photos.invariants:{place}: error", wrong)
                self.assertIn(message, wrong)

    def test_nothing_is_checked_without_a_file_or_a_schema(self):
        done = run("invariants", "--policies", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no `*.invariants`", done.stderr)
        (self.folder / "photos.cedarschema").unlink()
        self.assertIn("there is no schema", self.check(HOLDING, status=3).stderr)
        self.write("photos.cedarschema", SCHEMA)
        self.write("photos.cedar", "permit (principal, action, resource) when { principal.lvl > 1 };")
        self.assertIn("lvl", self.check(HOLDING, status=3).stderr)


class HospitalTest(ProgramTest):
    def check(self, folder, *options):
        done = run("invariants", "--policies", folder, "--json", *options)
        found = json.loads(done.stdout)
        return {each["name"]: each for each in found["invariants"]}, done.returncode

    def test_the_example_keeps_to_its_invariants(self):
        found, status = self.check(HOSPITAL)
        self.assertGreaterEqual(len(found), 10)
        self.assertEqual({each["standing"] for each in found.values()}, {"holds"}, found)
        self.assertEqual(status, 0)

    def weakened(self, file, old, new):
        """A copy of the example in which one text of a file is another."""
        folder = self.folder / "hospital"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(HOSPITAL, folder, ignore=shutil.ignore_patterns("tests", "__pycache__"))
        text = (folder / file).read_text()
        self.assertIn(old, text)
        (folder / file).write_text(text.replace(old, new, 1))
        return folder

    def test_each_weakening_is_found(self):
        """Policies that somebody might weaken, and the invariants that say so."""
        for file, old, new, broken in [
                ("patient-data.cedar",
                 'forbid (\n  principal in Role::"Maintenance",\n  action in Action::"patientData"',
                 'forbid (\n  principal in Role::"Maintenance",\n  action == Action::"export"',
                 {"maintenance-never-sees-patients"}),
                ("patient-data.cedar",
                 'forbid (\n  principal in Role::"Administrator",\n  action in Action::"patientData"',
                 'forbid (\n  principal in Role::"Administrator",\n  action == Action::"delegate"',
                 {"administrators-never-see-patients"}),
                ("manufacturers-and-research.cedar", '@obligation("deidentify")\n@terms("profile: hipaa-safe-harbor")\nforbid',
                 '@x_obligation("deidentify")\nforbid', None),
                ("manufacturers-and-research.cedar",
                 "context has consent && context.consent.permitted", "context has purpose",
                 {"manufacturers-need-consent"}),
                ("manufacturers-and-research.cedar", "context.consent.permitted",
                 "!context.consent.permitted", {"manufacturers-need-consent"}),
                ("firmware.cedar", "when { resource.inService };",
                 "when { resource.inService && context.authentication.level < 3 };",
                 {"no-firmware-while-in-service"}),
                ("firmware.cedar", "!context.package.isRevoked",
                 "(!context.package.isRevoked || context.authentication.level >= 3)",
                 {"firmware-is-released"}),
                ("emergency.cedar", 'principal in Role::"EmergencyPhysician",\n  action == Action::"view",\n  resource\n)\nwhen { context has override }',
                 'principal,\n  action == Action::"view",\n  resource\n)\nwhen { context has override }',
                 {"only-clinicians-break-the-glass"}),
                ("devices.cedar", "context.rate > resource.maxRate",
                 "context.rate > resource.maxRate + 1", {"dose-stays-within-the-limit"}),
                ("administration.cedar", 'action == Action::"assignRole",\n  resource\n)\nwhen { principal == resource }',
                 'action == Action::"assignRole",\n  resource\n)\nwhen { principal == resource && context.authentication.level < 3 }',
                 {"nobody-assigns-their-own-roles"}),
        ]:
            with self.subTest(file, new=new):
                folder = self.weakened(file, old, new)
                done = run("invariants", "--policies", folder, "--json")
                self.assertEqual(done.returncode, 1, done.stdout)
                if broken is None:  # it speaks of an obligation that there is no more
                    self.assertIn("no policy has the obligation `deidentify`", done.stdout)
                    continue
                found = {each["name"]: each for each in json.loads(done.stdout)["invariants"]}
                failing = {name for name, each in found.items() if each["standing"] == "fails"}
                self.assertLessEqual(broken, failing)
                for name in failing:
                    self.assertIn(found[name]["counterexample"]["cause"], {"permit", "override"})

    def test_the_lab_report_story(self):
        """An update that takes the physicians' right to lab reports is found."""
        folder = self.weakened("patient-data.cedar",
                               "// ---- Nurses: on their own ward",
                               '@id("update") forbid (principal in Role::"Physician", action, '
                               "resource is LabReport);\n// ---- Nurses: on their own ward")
        (folder / "lab.invariants").write_text("""
            /// Physicians see the final lab reports of their patients.
            invariant physicians-see-lab-reports
            always: Role::Physician may view any LabReport
              when { resource.patient.careTeam.contains(principal) }
              unless { resource has status && resource.status == "preliminary" }
              unless { context has consent }
              unless { principal in Role::"Privileged" || principal in Role::"Maintenance" }
        """)
        before, status = self.check(HOSPITAL, folder / "lab.invariants")
        self.assertEqual((status, before["physicians-see-lab-reports"]["standing"]), (0, "holds"))
        after, status = self.check(folder, folder / "lab.invariants")
        example = after["physicians-see-lab-reports"]["counterexample"]
        self.assertEqual((status, example["decision"], example["policies"]), (1, "deny", ["update"]))


if __name__ == "__main__":
    unittest.main()
