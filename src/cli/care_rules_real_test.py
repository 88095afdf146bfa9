"""The hospital's rules about care, asked of a running server with a directory: what gives somebody access, and that it ends
when that ends, by the clock, by somebody's hand, or since it never was what somebody says it is.

The numbers are those of policies/hospital/requirements.txt; docs/hospital.md says which test is for which."""
import datetime
import json
import pathlib
import tempfile
import unittest

from directory_site import Administrator, DirectorySite
from program import HOSPITAL, question, run
from serving import Serve, eventually

SITE = None
HL7 = "http://terminology.hl7.org/CodeSystem/"


def setUpModule():
    global SITE
    kept = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(kept.cleanup)
    SITE = Hospital(pathlib.Path(kept.name))
    unittest.addModuleCleanup(SITE.server.stop)


class Hospital:
    """The example's hospitals on a server, an application that asks, and an administrator."""

    def __init__(self, folder):
        site = DirectorySite(folder)
        site.config |= {"policies": str(HOSPITAL), "entities": str(HOSPITAL / "records.json")}
        self.application = site.add_caller("ward-app", quota={"rate": 10000, "burst": 10000})
        site.save()
        done = run("import", HOSPITAL / "directory.json", "--yes", "--directory",
                   site.config["directory"]["database"], "--reason", "the hospital of the example")
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        self.server = Serve(site)
        self.hale = Administrator(self.server, site.first[""])

    def find(self, collection, **attribute):
        (name, value), = attribute.items()
        items = self.hale.must("GET", f"{collection}?{name}={value}")["items"]
        if len(items) != 1:
            raise AssertionError((collection, attribute, items))
        return items[0]["id"]

    def person(self, name):
        return self.find("people", userName=name)

    def patient(self, number):
        return self.find("patients", recordNumber=number)

    def place(self, code):
        return self.find("locations", code=code)


def until(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def whom(reference):
    return {"role": {"coding": [{"system": HL7 + "v3-ParticipationType", "code": "IRCP"}]},
            "reference": {"reference": reference}}


class CareRulesTest(unittest.TestCase):
    maxDiff = None

    def reply(self, who, action, what, context=None, **more):
        asked = question(who if isinstance(who, tuple) else ("User", who), action, what, context, **more)
        status, reply = SITE.server.ask(SITE.application, asked)
        self.assertEqual(status, 200, reply)
        return reply

    def may(self, *question_, **more):
        return self.reply(*question_, **more)["decision"]

    def becomes(self, expected, *question_, **more):
        """A change is seen by the decisions after it, within a moment."""
        eventually(lambda: self.may(*question_, **more) == expected)

    def relate(self, kind, subject, target, **more):
        made = SITE.hale.relate(kind, subject, target, **more)
        self.addCleanup(SITE.hale.status, "POST", f"relations/{made}/end", {})
        return made

    def end(self, relation):
        SITE.hale.must("POST", f"relations/{relation}/end", {})

    def relations(self, kind, subject, target=None):
        found = SITE.hale.must("GET", f"relations?kind={kind}&subject={subject}")["items"]
        return [each["id"] for each in found if target in (None, each["object"])]

    def cares(self, who, number, **more):
        more = {"attributes": {"careType": "treating"}, **more}
        return self.relate("care", SITE.person(who), SITE.patient(number), **more)

    # ---- B12: hospital, role, assignment, exceptions that end

    def test_b12_an_assignment_opens_a_chart_and_ends_by_itself(self):
        sees = ("dr-stone", "view", ("Patient", "p-300"))
        self.assertFalse(self.may(*sees))
        self.cares("dr-stone", "MR-0300", until=until(6))
        self.becomes(True, *sees)
        self.becomes(False, *sees)

    def test_b12_an_assignment_that_somebody_ends_is_over(self):
        sees = ("dr-okafor", "view", ("Patient", "p-100"))
        made = self.cares("dr-okafor", "MR-0100")
        self.becomes(True, *sees)
        self.end(made)
        self.becomes(False, *sees)

    def test_b12_an_exception_is_of_one_chart_and_its_time(self):
        sees = ("dr-grey", "view", ("Patient", "p-200"))
        self.assertFalse(self.may(*sees))
        self.cares("dr-grey", "MR-0200", attributes={"careType": "exception"}, until=until(6))
        self.becomes(True, *sees)
        self.assertFalse(self.may("dr-grey", "edit", ("Patient", "p-200")), "to look at, no more")
        self.assertFalse(self.may("dr-grey", "view", ("LabReport", "lab-200-1")))
        self.becomes(False, *sees)

    def test_b12_the_role_counts_with_the_assignment(self):
        self.cares("tech-kim", "MR-0300")
        self.cares("dr-stone", "MR-0300")
        self.becomes(True, "dr-stone", "view", ("Patient", "p-300"))
        self.assertFalse(self.may("tech-kim", "view", ("Patient", "p-300")), "no clinician")

    # ---- B13: who acts, where, why, and in what state things are

    def test_b13_a_nurse_sees_her_ward_at_a_computer_that_stands_there(self):
        chart = ("Patient", "p-1001")
        here = {"workstation": {"__entity": {"type": "Workstation", "id": "desk-cardiology"}}}
        away = {"workstation": {"__entity": {"type": "Workstation", "id": "desk-surgery"}}}
        self.relate("stay", SITE.patient("MR-1001"), SITE.place("cardiology"))
        self.becomes(True, "nurse-lee", "view", chart, here)
        self.assertFalse(self.may("nurse-lee", "view", chart, away))
        self.assertFalse(self.may("nurse-lee", "view", chart))
        self.relate("stay", SITE.patient("MR-1001"), SITE.place("surgery"))
        self.becomes(False, "nurse-lee", "view", chart, here)

    def test_b13_an_emergency_is_what_the_directory_says(self):
        sees = ("dr-swift", "view", ("Patient", "p-300"))
        patient = SITE.patient("MR-0300")
        self.addCleanup(SITE.hale.status, "PATCH", f"patients/{patient}", {"attributes": {"isEmergency": False}})
        self.assertFalse(self.may(*sees))
        claimed = question(("User", "dr-swift"), "view", ("Patient", "p-300"))
        claimed["resource"]["properties"] = {"isEmergency": True}
        _, reply = SITE.server.ask(SITE.application, claimed)
        self.assertFalse(reply["decision"], "whatever an application says")
        SITE.hale.must("PATCH", f"patients/{patient}", {"attributes": {"isEmergency": True}})
        self.becomes(True, *sees)
        SITE.hale.must("PATCH", f"patients/{patient}", {"attributes": {"isEmergency": False}})
        self.becomes(False, *sees)

    def test_b13_a_justification_is_asked_for(self):
        chart = ("Patient", "p-300")
        officers = SITE.hale.must("GET", f"relations?kind=roleAssignment&object={SITE.hale.role('PrivacyOfficer')}")
        known = {each["subject"] for each in officers["items"]}
        names = {SITE.hale.must("GET", f"people/{each}")["attributes"]["userName"] for each in known}
        seen = [name for name in names if self.may(name, "view", chart, {"justification": "complaint 12"})]
        self.assertTrue(seen, "the officer of this hospital")
        for name in seen:
            self.assertFalse(self.may(name, "view", chart))
            self.assertFalse(self.may(name, "view", chart, {"justification": ""}))

    # ---- B14: what somebody has, and what is so at the moment

    def test_b14_a_contract_and_a_device_out_of_service(self):
        pump = SITE.find("devices", assetTag="pump-7")
        runs = ("contractor-fox", "runDiagnostics", ("InfusionPump", "pump-7"))
        self.assertFalse(self.may(*runs), "it treats somebody")
        SITE.hale.must("POST", f"devices/{pump}/state", {"state": "commissioned"})
        self.addCleanup(SITE.hale.status, "POST", f"devices/{pump}/state", {"state": "inService"})
        self.becomes(True, *runs)
        self.assertFalse(self.may("contractor-lark", *runs[1:]), "the contract has ended")
        SITE.hale.must("POST", f"devices/{pump}/state", {"state": "inService"})
        self.becomes(False, *runs)

    # ---- B15, B16: the examples

    def test_b15_a_physician_sees_the_reports_of_assigned_patients(self):
        sees = ("dr-grey", "view", ("LabReport", "lab-100-1"))
        self.assertTrue(self.may(*sees))
        grey, alma = SITE.person("dr-grey"), SITE.patient("MR-0100")
        for each in self.relations("care", grey, alma):
            self.end(each)
        self.becomes(False, *sees)
        SITE.hale.relate("care", grey, alma, attributes={"careType": "treating"})
        self.becomes(True, *sees)
        self.assertFalse(self.may("nurse-lee", *sees[1:]), "to physicians")

    def test_b16_who_is_no_emergency_physician_any_more_has_nothing_of_it(self):
        sees = ("dr-swift", "view", ("Patient", "p-unknown-1"))
        self.assertTrue(self.may(*sees))
        swift = SITE.person("dr-swift")
        role = SITE.hale.role("EmergencyPhysician")
        for each in self.relations("roleAssignment", swift, role):
            self.end(each)
        self.becomes(False, *sees)
        SITE.hale.relate("roleAssignment", swift, role)
        self.becomes(True, *sees)

    # ---- B17: consent, and what patients refuse

    def consents(self, number, provision):
        made = self.fhir("POST", "Consent", {
            "resourceType": "Consent", "status": "active",
            "scope": {"coding": [{"system": HL7 + "consentscope", "code": "patient-privacy"}]},
            "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
            "patient": {"reference": f"Patient/{number}"},
            "policy": [{"uri": "https://st-mary.example/consent"}], "provision": provision})
        self.addCleanup(self.fhir, "DELETE", f"Consent/{made['id']}")
        return made["id"]

    def fhir(self, method, path, body=None):
        status, _, text = SITE.server.request(method, f"/fhir/{path}", json.dumps(body) if body else None,
                                              {"Content-Type": "application/fhir+json"}, SITE.hale.token)
        self.assertIn(status, (200, 201, 204), text)
        return json.loads(text) if text else None

    def test_b17_readings_leave_for_what_the_patient_agreed_to_until_it_is_withdrawn(self):
        asked = ("eng-frost", "export", ("DeviceReadings", "readings-watch-2"))
        to_develop = {"context": {"purpose": "SYSDEV"}, "options": {"obligations": ["deidentify"]}}
        self.assertFalse(self.may(*asked, **to_develop))
        given = self.consents("MR-0200", {
            "type": "permit", "purpose": [{"system": HL7 + "v3-ActReason", "code": "SYSDEV"}],
            "actor": [whom("PractitionerRole/ManufacturerEngineer")]})
        self.becomes(True, *asked, **to_develop)
        told = self.reply(*asked, **to_develop)["context"]
        self.assertEqual(told["obligation_terms"], {"deidentify": {"profile": ["hipaa-safe-harbor"]}})
        for other in ({**to_develop, "context": {"purpose": "HMARKT"}}, {**to_develop, "context": {}},
                      {**to_develop, "options": {}}):
            self.assertFalse(self.may(*asked, **other), other)
        self.fhir("DELETE", f"Consent/{given}")
        self.becomes(False, *asked, **to_develop)

    def test_b17_who_is_refused_sees_nothing_while_the_refusal_lasts(self):
        refused = ("nurse-lee", "view", ("MedicationPlan", "med-300"))
        other = ("dr-grey", "view", ("MedicationPlan", "med-300"))
        self.assertTrue(self.may(*refused) and self.may(*other))
        self.consents("MR-0300", {"type": "deny", "period": {"end": until(6)},
                                  "actor": [whom("Practitioner/nurse-lee")]})
        self.becomes(False, *refused)
        self.assertTrue(self.may(*other))
        self.becomes(True, *refused)

    def test_b17_what_an_application_says_of_consent_is_refused(self):
        asked = question(("User", "eng-frost"), "export", ("DeviceReadings", "readings-watch-2"),
                         {"purpose": "SYSDEV", "consent": {"permitted": True}})
        self.assertEqual(SITE.server.ask(SITE.application, asked)[0], 400)

    # ---- B19: manufacturers stay with their own; B20: roles are the hospital's

    def test_b19_a_manufacturers_people_stay_with_its_products(self):
        scanner = ("Mri", "mri-1")
        out = SITE.find("devices", assetTag="mri-1")
        before = SITE.hale.must("GET", f"devices/{out}")["state"]
        SITE.hale.must("POST", f"devices/{out}/state", {"state": "commissioned"})
        self.addCleanup(SITE.hale.status, "POST", f"devices/{out}/state", {"state": before})
        runs = {name: (name, "runDiagnostics", scanner) for name in ("field-berg", "field-cruz", "field-nasser")}
        eventually(lambda: any(self.may(*each) for each in runs.values()))
        its = [name for name, each in runs.items() if self.may(*each)]
        self.assertEqual(len(its), 1, its)
        for each in self.relations("employment", SITE.person(its[0])):
            self.end(each)
        self.becomes(False, *runs[its[0]])

    def test_b20_roles_come_and_go_by_the_hospitals_own_hand(self):
        sees = ("dr-new", "view", ("Patient", "p-300"))
        new = SITE.hale.create("people", "active", userName="dr-new", entityId="dr-new",
                               displayName="Dr. New")
        self.cares("dr-new", "MR-0300")
        self.assertFalse(self.may(*sees), "cares, and is no clinician")
        given = self.relate("roleAssignment", new, SITE.hale.role("Physician"), until=until(6))
        self.becomes(True, *sees)
        self.becomes(False, *sees)
        self.assertTrue(given)

    # ---- Misuse

    def test_what_an_application_says_of_the_care_team_is_not_believed(self):
        asked = question(("User", "dr-stone"), "view", ("Patient", "p-100"))
        asked["resource"]["properties"] = {"careTeam": [{"__entity": {"type": "User", "id": "dr-stone"}}]}
        status, reply = SITE.server.ask(SITE.application, asked)
        self.assertEqual((status, reply["decision"]), (200, False), reply)
        asked = question(("User", "dr-stone"), "view", ("Patient", "p-100"))
        asked["subject"]["properties"] = {"roles": ["Administrator"]}
        _, reply = SITE.server.ask(SITE.application, asked)
        self.assertFalse(reply["decision"])

    def test_who_has_left_sees_nothing(self):
        sees = ("dr-leaver", "view", ("Patient", "p-300"))
        new = SITE.hale.create("people", "active", userName="dr-leaver", entityId="dr-leaver",
                               displayName="Dr. Leaver")
        self.relate("roleAssignment", new, SITE.hale.role("Physician"))
        self.cares("dr-leaver", "MR-0300")
        self.becomes(True, *sees)
        SITE.hale.must("POST", f"people/{new}/state", {"state": "left"})
        self.becomes(False, *sees)

    def test_a_group_is_not_somebody(self):
        status, reply = SITE.server.ask(SITE.application, question(("Role", "Physician"), "view",
                                                                   ("Patient", "p-100")))
        self.assertFalse(status == 200 and reply["decision"], json.dumps(reply))


if __name__ == "__main__":
    unittest.main()
