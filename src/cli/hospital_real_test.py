"""The worked example decides as its documents say, asked over HTTP and by the command line."""
import contextlib
import functools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from program import HOSPITAL, Pdp, question, run

sys.path.insert(0, str(HOSPITAL))

import casebook
import census
import document

ENTITIES = HOSPITAL / "entities.json"
WORLD = census.World()
POLICIES = census.read_policies()
SECTIONS = casebook.read_sections()
CASES = [case for section in SECTIONS for case in section.cases]
CLINICAL_READING = {"view", "edit", "export"}


@functools.cache
def pdp():
    """One for all the tests that only ask."""
    started = Pdp("--policies", HOSPITAL, "--entities", ENTITIES)
    unittest.addModuleCleanup(started.stop)
    return started


@functools.cache
def found():
    """What the census found, and how much it asked."""
    return census.take_census(pdp(), WORLD)


@contextlib.contextmanager
def with_more(entities):
    """A server that knows some entities more."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "entities.json"
        path.write_text(json.dumps(json.loads(ENTITIES.read_text()) + entities))
        with Pdp("--policies", HOSPITAL, "--entities", path) as server:
            yield server


def allowed(**wanted):
    """The findings of the census that are allowed every day, by role, action or type of resource."""
    def matches(finding):
        return (bool(finding.policies) and
                wanted.get("role") in {None, *WORLD.roles(finding.principal)} and
                wanted.get("kind") in {None, finding.principal[0]} and
                finding.action in wanted.get("actions", [finding.action]) and
                finding.resource[0] in wanted.get("about", [finding.resource[0]]))
    return [finding for finding in found()[0] if matches(finding)]


class CasesTest(unittest.TestCase):
    maxDiff = None

    def test_its_tests_pass_and_cover_every_condition(self):
        result = run("run-tests", "--policies", HOSPITAL, "--coverage", "--coverage-min", 100)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)

    def test_a_server_says_the_same(self):
        more = {section.file: section.more_entities for section in SECTIONS}
        for file, entities in more.items():
            with contextlib.ExitStack() as stack:
                server = stack.enter_context(with_more(entities)) if entities else pdp()
                for section in SECTIONS:
                    for case in section.cases if section.file == file else []:
                        if not case.at:
                            self.ask(server, case)

    def ask(self, server, case):
        with self.subTest(case.name):
            status, reply = server.ask(case.question)
            self.assertEqual(status, 200, reply)
            said = casebook.said_over_http(reply)
            self.assertEqual({key: said.get(key) for key in case.expected if key != "errors"},
                             {key: case.expected[key] for key in case.expected if key != "errors"})
            has_end = {"override", "delegation", "approval"} & reply["context"].keys()
            ends = "2099-01-01T00:00:00.000Z" if has_end else None
            self.assertEqual(reply["context"].get("expires_at"), ends)

    def test_the_command_line_says_the_same(self):
        typed = [case for section in SECTIONS if not section.more_entities
                 for case in section.cases if case.can_be_typed()]
        asked = [case for case in typed if case.at]
        self.assertGreaterEqual(len(asked), 10, "cases about a time of their own")
        for case in asked + typed[::12]:
            with self.subTest(case.name):
                result = run("authorize", "--policies", HOSPITAL, "--entities", ENTITIES, "--json",
                             *case.arguments())
                self.assertEqual(result.returncode, 0 if case.answer == "allow" else 2,
                                 result.stderr)
                reply = json.loads(result.stdout)
                said = {"decision": reply["decision"], "cause": reply["cause"],
                        "policies": sorted(reply["policies"]),
                        "override_possible": reply.get("override_possible", False)}
                self.assertEqual(said, {key: case.expected[key] for key in said})

    def test_answers_its_questions_as_their_titles_say(self):
        lines = (HOSPITAL / "questions.txt").read_text().splitlines()
        self.assertGreaterEqual(len(lines), 10)
        for title, asked in zip(lines[::2], lines[1::2]):
            with self.subTest(title):
                status, reply = pdp().ask(asked)
                expected = re.search(r"\((allowed|denied)(.*)\)$", title)
                self.assertEqual(status, 200, reply)
                self.assertEqual(reply["decision"], expected[1] == "allowed")
                self.assertEqual("reasons" in reply["context"],
                                 expected[1] == "allowed" or "reason" in expected[2])
                self.assertEqual(reply["context"].get("override_possible", False),
                                 "breaking the glass" in expected[2])
                self.assertEqual("override" in reply["context"], "under the break-glass" in title)
                self.assertEqual("step_up" in reply["context"], "second factor" in expected[2])

    def test_refuses_questions_that_do_not_fit_its_schema(self):
        pump = ("InfusionPump", "pump-7")
        update = {"packageDigest": "sha256:0000"}
        for says, asked in [
            ("Action::\"fly\"", question(("User", "dr-grey"), "fly", pump)),
            ("does not apply to a resource", question(("User", "tech-kim"), "view", pump)),
            ("does not apply to a principal", question(("Patient", "p-100"), "stopInfusion", pump)),
            ("does not apply to a principal", question(("Role", "Clinician"), "stopInfusion", pump)),
            ("does not apply to a principal", question(("Service", "update-server-st-mary"), "view",
                                                       ("Patient", "p-100"))),
            ("does not apply to a principal", question(("Wardlock::Grant", "grant-1"), "view",
                                                       ("Patient", "p-200"))),
            ("the schema declares no such type", question(("Robot", "r2"), "stopInfusion", pump)),
            ("context.rate", question(("User", "dr-grey"), "changeDose", pump)),
            ("context.rate", question(("User", "dr-grey"), "changeDose", pump, {"rate": "80"})),
            ("context.rate", question(("User", "dr-grey"), "changeDose", pump, {"rate": 80.5})),
            ("context.rate", question(("User", "dr-grey"), "changeDose", pump, {"rate": None})),
            ("context.ip", question(("User", "tech-kim"), "runDiagnostics", pump, {"ip": "here"})),
            ("context.package", question(("User", "tech-kim"), "updateFirmware", pump,
                                         {**update, "package": "p4-firmware-4.2"})),
            ("context.now", question(("User", "tech-kim"), "updateFirmware", pump,
                                     {"now": "2026-11-23T10:00:00Z"})),
            ("context.override", question(("User", "dr-swift"), "view", ("Patient", "p-200"),
                                          {"override": {"id": "grant-1"}})),
        ]:
            with self.subTest(asked=asked):
                status, reply = pdp().ask(asked)
                self.assertEqual(status, 400)
                self.assertIn(says, reply)

    def test_without_its_entities_nobody_may_do_anything(self):
        with Pdp("--policies", HOSPITAL) as empty:
            for case in CASES:
                if case.answer == "allow" and not case.at:
                    status, reply = empty.ask(case.question)
                    self.assertEqual(status, 200)
                    # Patients are themselves, whoever they are; what is withheld is not known.
                    asked = case.question
                    is_own = asked["subject"] == asked["resource"] and \
                        asked["action"]["name"] != "view"
                    self.assertEqual(reply["decision"], is_own, case.name)


class CaseFilesTest(unittest.TestCase):
    """The files say enough to be a specification."""

    def test_they_are_all_there(self):
        self.assertGreaterEqual(len(CASES), 460)

    def test_rejections_outnumber_acceptances(self):
        denied = sum(case.answer == "deny" for case in CASES)
        self.assertGreater(denied, len(CASES) - denied)

    def test_each_file_of_policies_has_its_cases(self):
        files = {path.stem for path in HOSPITAL.glob("*.cedar")}
        self.assertEqual(files - {section.file for section in SECTIONS}, set())
        self.assertEqual({section.file for section in SECTIONS if not section.more_entities} - files, set())

    def test_what_is_allowed_stands_beside_what_is_denied(self):
        for section in SECTIONS:
            with self.subTest(section.title):
                answers = {case.answer for case in section.cases}
                only_once = "no standing right" in section.title
                self.assertTrue("deny" in answers or only_once)

    def test_every_policy_has_a_reason_and_a_condition_in_words(self):
        text = "".join(path.read_text() for path in HOSPITAL.glob("*.cedar"))
        self.assertEqual(len(POLICIES), len(re.findall(r"^(?:permit|forbid) \(", text, re.M)))
        for name, policy in POLICIES.items():
            with self.subTest(name):
                self.assertRegex(policy["reason"], r"^[A-Z].{15,}\.$")
                is_everyday = policy["effect"] == "permit" and "override" not in policy
                self.assertEqual("x_when" in policy, is_everyday)

    def test_every_policy_decides_some_case_of_its_file(self):
        for name, policy in POLICIES.items():
            cases = [case for section in SECTIONS for case in section.cases
                     if section.file == policy["file"] and name in case.policies]
            with self.subTest(name):
                self.assertTrue(cases)
                answers = {case.answer for case in cases}
                self.assertEqual(answers, {"allow" if policy["effect"] == "permit" else "deny"})

    def test_every_requirement_has_its_policies_and_cases(self):
        required = [f"A{n}" for n in [*range(20, 30), *range(49, 54), 55, 59, 62, 67, 74]]
        required += ["B7", *(f"B{n}" for n in range(12, 22))]
        requirements = list(document.read_requirements())
        self.assertEqual([number for number, _, _ in requirements], required)
        shown = {number: section for section in SECTIONS for number in section.requirements}
        self.assertEqual(set(required) - shown.keys(), {"A74"})  # the matrix itself
        self.assertEqual(shown.keys() - set(required), set())
        for number, _, policies in requirements:
            cases = [case for section in SECTIONS if number in section.requirements
                     for case in section.cases]
            if number == "A74":
                continue
            with self.subTest(number):
                self.assertEqual(set(policies) - POLICIES.keys(), set())
                never = number in ("A28", "A29")  # what nobody may do
                self.assertEqual({case.answer for case in cases},
                                 {"deny"} if never else {"allow", "deny"})
                decided = {policy for case in cases for policy in case.policies}
                self.assertEqual(set(policies) - decided, set())


class WorldTest(unittest.TestCase):
    def test_is_what_its_generator_makes(self):
        result = subprocess.run([sys.executable, HOSPITAL / "generate.py", "--check"], text=True,
                                capture_output=True)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_is_two_hospitals(self):
        count = {kind: len(WORLD.of_types([kind])) for kind in ("Hospital", "User", "Patient")}
        self.assertEqual(count["Hospital"], 2)
        self.assertIn(count["User"], range(55, 66))
        self.assertEqual(count["Patient"], 200)
        self.assertEqual(len(WORLD.of_types(census.DEVICES)), 100)
        for device in WORLD.of_types(census.DEVICES):
            modules = [one for one in WORLD.of_types(["SoftwareModule"]) if WORLD.is_in(one, device)]
            self.assertGreaterEqual(len(modules), 2, device)

    def test_every_identity_is_unique(self):
        for kinds, name in [(census.DEVICES + ["SoftwareModule"], "uuid"),
                            (census.DEVICES, "serial"), (["Patient"], "recordNumber")]:
            values = [WORLD.attribute(uid, name) for uid in WORLD.of_types(kinds)]
            self.assertEqual(len(values), len(set(values)), name)


class CensusTest(unittest.TestCase):
    """Who may do what to everything there is, under the most favourable circumstances: what must
    never be allowed is asked of all, not of examples."""
    maxDiff = None

    def test_asks_about_every_action_of_the_schema(self):
        schema = (HOSPITAL / "hospital.cedarschema").read_text()
        declared = re.findall(r"^action ([\w, ]+?)(?: in \[\w+\])? appliesTo", schema, re.M)
        self.assertEqual({name for names in declared for name in names.split(", ")},
                         set(census.ACTIONS))
        self.assertGreater(found()[1], 200_000)

    def test_every_permit_allows_something(self):
        """Or it would be a rule that no one can use, and the census none that finds it."""
        used = {policy for finding in found()[0] for policy in finding.policies}
        everyday = {name for name, policy in POLICIES.items() if "x_when" in policy}
        # What sources tell of people, and who covers for whom, is in no file of the example but tests.
        self.assertEqual(everyday - used, {"on-call-physician-views-charts-where-they-are",
                                           "physician-covers-for-a-colleague",
                                           "nurse-covers-for-a-colleague"})

    def test_maintenance_and_administrators_never_see_patient_data(self):
        people = [uid for uid in WORLD.of_types(["User"])
                  if WORLD.roles(uid) & {"Maintenance", "Administrator"}]
        self.assertGreaterEqual(len(people), 15)
        for role in ("Maintenance", "Administrator"):
            self.assertEqual(allowed(role=role, about=[*census.PATIENT_DATA, "ResearchDataset"]), [])
        could = {finding.principal for finding in found()[0]
                 if finding.resource[0] in census.PATIENT_DATA}
        self.assertEqual(could.intersection(people), set())

    def test_only_those_with_the_task_alter_firmware(self):
        roles = {role for finding in allowed(actions=["updateFirmware"], kind="User")
                 for role in roles_given(finding)}
        self.assertEqual(roles, {"BiomedicalTechnician", "RemoteEngineer"})
        services = {finding.principal for finding in allowed(actions=["updateFirmware"],
                                                             kind="Service")}
        self.assertTrue(services)
        self.assertTrue(all(WORLD.is_in(one, ("ServiceKind", "UpdateServer")) for one in services))
        self.assertFalse([finding.resource for finding in allowed(actions=["updateFirmware"])
                          if WORLD.attribute(finding.resource, "inService")])

    def test_only_administrators_and_field_engineers_configure(self):
        roles = {role for finding in allowed(actions=["configure"])
                 for role in roles_given(finding)}
        self.assertEqual(roles, {"Administrator", "FieldEngineer"})

    def test_nobody_sees_another_hospitals_patients_without_a_care_relationship(self):
        for finding in allowed(kind="User", actions=CLINICAL_READING, about=census.PATIENT_DATA):
            hospital = WORLD.attribute(finding.principal, "hospital")
            patient = WORLD.patient_of(finding.resource)
            is_inside = hospital is not None and WORLD.is_in(patient, hospital)
            is_consented = "ManufacturerEngineer" in WORLD.roles(finding.principal) and \
                ("Wardlock::Consent", f"{patient[1]}-{census.DEVELOPMENT}") in WORLD.entities
            self.assertTrue(is_inside or is_consented or
                            WORLD.is_on_care_team(finding.principal, patient), finding)

    def test_nobody_could_break_the_glass_of_another_hospital(self):
        could = [finding for finding in found()[0] if not finding.policies]
        self.assertTrue(could)
        for finding in could:
            self.assertIn("Clinician", WORLD.roles(finding.principal))
            self.assertIn(finding.action, {"view", "edit", "changeDose"})
            self.assertTrue(WORLD.is_in(finding.resource,
                                        WORLD.attribute(finding.principal, "hospital")), finding)

    def test_every_clinician_stops_every_device(self):
        clinicians = [uid for uid in WORLD.of_types(["User"]) if "Clinician" in WORLD.roles(uid)]
        devices = WORLD.of_types(["InfusionPump", "Mri", "RadiologyUnit"])
        stopping = allowed(actions=["stopInfusion", "stopScan"])
        self.assertEqual({(one.principal, one.resource) for one in stopping},
                         {(person, device) for person in clinicians for device in devices})

    def test_a_dose_is_changed_by_authorised_clinicians_on_the_care_team(self):
        findings = allowed(actions=["changeDose"])
        self.assertTrue(findings)
        for finding in findings:
            self.assertIn("Clinician", WORLD.roles(finding.principal))
            self.assertTrue(WORLD.attribute(finding.principal, "infusionAuthorised"))
            patient = WORLD.attribute(finding.resource, "patient")
            self.assertTrue(WORLD.is_on_care_team(finding.principal, patient), finding)

    def test_patients_and_caregivers_see_what_is_theirs(self):
        for finding in allowed(kind="Patient"):
            self.assertTrue(WORLD.is_in(finding.resource, finding.principal), finding)
            self.assertNotEqual(finding.action, "edit")
        for finding in allowed(kind="Caregiver"):
            patient = WORLD.patient_of(finding.resource)
            record = WORLD.attribute(patient, "recordNumber")
            self.assertIn(record, WORLD.entities[finding.principal].get("tags", {}))
            self.assertEqual(finding.action, "view")

    def test_manufacturers_stay_with_their_own_products(self):
        findings = allowed(role="ManufacturerStaff")
        self.assertTrue(findings)
        for finding in findings:
            self.assertEqual(WORLD.attribute(finding.resource, "manufacturer"),
                             WORLD.attribute(finding.principal, "employer"), finding)

    def test_devices_and_modules_act_for_themselves_only(self):
        for finding in allowed(actions=["sendReadings"]):
            self.assertEqual(WORLD.attribute(finding.principal, "patient"), finding.resource)
        for finding in allowed(kind="SoftwareModule"):
            self.assertTrue(WORLD.is_in(finding.principal, finding.resource), finding)

    def test_nobody_administers_themselves(self):
        for finding in allowed(actions=["assignRole", "reviewRights"]):
            self.assertNotEqual(finding.principal, finding.resource)

    def test_the_document_says_who_may_do_what(self):
        self.assertEqual(document.DOCUMENT.read_text(), document.document(found()[0], WORLD),
                         "docs/hospital.md is out of date; run ./dev docs")


def roles_given(finding):
    """The roles that a person was given, without those above them."""
    return {parent["id"] for parent in WORLD.entities[finding.principal]["parents"]
            if parent["type"] == "Role"}


if __name__ == "__main__":
    unittest.main()
