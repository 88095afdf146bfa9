"""What patients have agreed to and refused, against a running server: entered as FHIR, decided by, given way to in an
emergency, ended by its period, withdrawn under load, carried along with a merged patient, and on record."""
import json
import pathlib
import tempfile
import threading
import time
import unittest

from oauth_real_test import enter_client
from program import run
from serving import eventually
from signed_in_site import SignedInSite

POLICIES = '''
@id("team") permit (principal is User, action == Action::"view", resource)
  when { principal has active && principal.active };
@id("export") permit (principal is User, action == Action::"export", resource);
@id("glass") @override("break-glass")
permit (principal is User, action == Action::"view", resource) when { context has override };
@id("patient-refuses") @waivable("break-glass") forbid (principal, action, resource)
  when { context has consent && context.consent.refused };
@id("patient-refuses-even-in-an-emergency") forbid (principal, action, resource)
  when { context has consent && context.consent.refusedInEmergency &&
         (context.consent.refused || context has override) };
@id("agreed") forbid (principal, action == Action::"export", resource)
  unless { context has purpose && context has consent &&
           context.consent.agreed.contains(context.purpose) };
@id("deidentified") @obligation("deidentify") @terms("profile: HIPAA-164.514-b-2")
forbid (principal, action == Action::"export", resource);
'''.replace(' when { principal has active && principal.active };', ';')
SCHEMA = '''
namespace Wardlock {
  type Override = { id: String, reason: String, expiresAt: datetime };
  type Named = { type: String, id: String };
  entity Grant = {
    principal: User, target: Patient, actions: Set<Action>, opensAt: datetime, expiresAt: datetime,
    reason: String, waives?: Set<String>,
  };
  type Provision = {
    place: String, permits: Bool, beginsAt?: datetime, endsAt?: datetime, purposes?: Set<String>,
    actors?: Set<Named>, actions?: Set<String>, labels?: Set<String>, classes?: Set<String>,
  };
  entity Consent = { patient: Named, provisions: Set<Provision> };
  type Consented = {
    refused: Bool, refusedInEmergency: Bool, permitted: Bool, agreed: Set<String>,
    provisions: Set<String>,
  };
}
entity User;
@audit("patient") entity Patient = { careTeam: Set<User> };
type Care = { override?: Wardlock::Override, consent?: Wardlock::Consented, purpose?: String };
@audit("care") action view appliesTo { principal: User, resource: Patient, context: Care };
@audit("export") action export appliesTo { principal: User, resource: Patient, context: Care };
'''
CONSENT = "/fhir/Consent"
SYSTEM = "http://terminology.hl7.org/CodeSystem/"
SOON = 120  # what goes along with a merged patient does so every quarter of a minute


def purposes(*codes):
    return [{"system": SYSTEM + "v3-ActReason", "code": code} for code in codes]


def actor(reference):
    return {"role": {"coding": [{"system": SYSTEM + "v3-ParticipationType", "code": "IRCP"}]},
            "reference": {"reference": reference}}


def consent(provision, patient="MR-200", **more):
    return {"resourceType": "Consent", "status": "active",
            "scope": {"coding": [{"system": SYSTEM + "consentscope", "code": "patient-privacy"}]},
            "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
            "patient": {"reference": f"Patient/{patient}"},
            "policy": [{"uri": "https://hospital.example/consent"}], "provision": provision, **more}


class ConsentTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.here = SignedInSite(self, self.folder, prepare=self.prepare, otherwise="remote")
        self.hale = self.here.hale
        self.first = self.here.site.first[""]
        self.lind = self.hale.create("patients", recordNumber="MR-200")
        self.star = self.hale.create("patients", recordNumber="MR-300")
        for name in ("reyes", "cole"):
            self.hale.create("people", "active", userName=name)
        eventually(lambda: self.allowed("cole") and self.allowed("reyes", "MR-300"))

    def prepare(self, site):
        site.write("policies/rules.cedar", POLICIES)
        site.write("policies/rules.cedarschema", SCHEMA)
        site.write("entities.json", [])
        site.config["audit"] = {"directory": "log", "immutable": False}
        site.config["directory"]["known_by"] = {"person": "userName", "patient": "recordNumber"}
        site.config["directory"]["break_glass"] = {"reasons": {"emergency": {
            "about": "An emergency", "actions": ["view"], "waives": ["patient-refuses"]}}}
        self.ehr = site.add_caller("ehr", rights=["override", "search"])
        site.save()
        enter_client(site, "main", "app", scope="openid")

    def ask(self, who, patient="MR-200", action="view", context=None, **options):
        asked = {"subject": {"type": "User", "id": who}, "action": {"name": action},
                 "resource": {"type": "Patient", "id": patient}, "context": context or {}}
        if options:
            asked["options"] = options
        return self.here.server.ask(self.ehr, asked)

    def allowed(self, *question, **more):
        status, reply = self.ask(*question, **more)
        return status == 200 and reply["decision"]

    def request(self, method, path, body=None, who=None, token=None, headers=None):
        token = token or (self.here.kept(who)["access_token"] if who else self.first)
        status, _, text = self.here.server.request(
            method, path, body if isinstance(body, str) else json.dumps(body) if body else None,
            {"Content-Type": "application/fhir+json", "Host": self.here.url.split("//")[1],
             **(headers or {})}, token)
        return status, json.loads(text) if text else None

    def must(self, *what, **more):
        status, reply = self.request(*what, **more)
        self.assertEqual(status // 100, 2, reply)
        return reply

    def enter(self, provision, **more):
        return self.must("POST", CONSENT, consent(provision, **more))

    def test_given_refused_and_withdrawn(self):
        made = self.enter({"type": "deny", "actor": [actor("Practitioner/reyes")]})
        self.assertFalse(self.allowed("reyes"), "at once: the answer came when decisions saw it")
        self.assertTrue(self.allowed("cole"))
        self.assertTrue(self.allowed("reyes", "MR-300"))
        status, reply = self.ask("reyes", context={"consent": {"refused": False}})
        self.assertEqual(status, 400, reply)
        found = self.must("GET", f"{CONSENT}?patient=MR-200&status=active")
        self.assertEqual([each["resource"]["id"] for each in found["entry"]], [made["id"]])
        self.must("DELETE", f"{CONSENT}/{made['id']}")
        self.assertTrue(self.allowed("reyes"))

        def told():
            shown = run("audit", "query", self.folder / "log", "--json")
            return [event for event in map(json.loads, shown.stdout.splitlines())
                    if any(each.startswith(made["id"]) for each in event.get("consents", []))]
        eventually(lambda: any(event["action"] == "end_consent" for event in told()))
        events = told()[::-1]  # the latest came first
        self.assertEqual([event["action"] for event in events], ["put_consent", "view", "end_consent"])
        self.assertEqual(events[1]["consents"], [made["id"] + "#1"])
        self.assertIn("patient-refuses", events[1]["policies"])

    def test_an_exception_for_emergencies(self):
        person, code = self.here.invited("swift")
        status, printed = self.here.login("swift", self.here.browser("swift", code))
        self.assertEqual(status, 0, printed)
        eventually(lambda: self.allowed("swift"))
        made = self.enter({"type": "deny"})
        grant = self.must("POST", "/break-glass/v1/grants",
                          {"patient": "MR-200", "reason": "emergency", "words": "unconscious"},
                          who="swift", headers={"Content-Type": "application/json"})["id"]
        self.assertFalse(self.allowed("swift"))
        self.assertFalse(self.allowed("swift", grant=grant), "she refused it for emergencies, too")
        self.must("PUT", f"{CONSENT}/{made['id']}", consent(
            {"type": "deny", "provision": [{"type": "permit", "purpose": purposes("ETREAT")}]},
            id=made["id"]))
        self.assertFalse(self.allowed("swift"))
        self.assertTrue(self.allowed("swift", grant=grant))

    def test_an_export_needs_an_agreed_purpose(self):
        def export(purpose):
            return self.ask("reyes", action="export", context={"purpose": purpose},
                            obligations=["deidentify"])[1]
        self.assertFalse(export("HQUALIMP")["decision"])
        self.enter({"type": "permit", "purpose": purposes("HQUALIMP")})
        reply = export("HQUALIMP")
        self.assertTrue(reply["decision"], reply)
        self.assertEqual(reply["context"]["obligation_terms"],
                         {"deidentify": {"profile": ["HIPAA-164.514-b-2"]}})
        self.assertFalse(export("HRESCH")["decision"])
        self.assertFalse(export("fun")["decision"])
        self.assertFalse(self.allowed("reyes", action="export", context={"purpose": "HQUALIMP"}),
                         "who does not de-identify")

    def test_it_ends_by_its_period(self):
        end = time.time() + 4
        period = {"end": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(end))}
        self.enter({"type": "deny", "period": period})
        if time.time() < end - 1:
            self.assertFalse(self.allowed("reyes"))
        eventually(lambda: self.allowed("reyes"))
        self.assertGreaterEqual(time.time(), int(end))

    def test_what_is_refused(self):
        for body, status in ((consent({"type": "deny", "purpose": purposes("FUN")}), 400),
                             (consent({"type": "deny", "dataPeriod": {"start": "2020"}}), 400),
                             (consent({"type": "deny"}, modifierExtension=[{"url": "x"}]), 400),
                             (consent({"type": "deny"}, patient="MR-999"), 404),
                             (consent({"type": "deny", "actor": [actor("Practitioner/nobody")]}), 400),
                             ("x" * 1_000_000, 400), ("{", 400)):
            found, reply = self.request("POST", CONSENT, body)
            self.assertEqual(found, status, (str(body)[:80], reply))
            self.assertEqual(reply["resourceType"], "OperationOutcome")
        self.assertEqual(self.request("POST", CONSENT, consent({"type": "deny"}), token="x")[0], 401)
        self.assertEqual(self.request("POST", CONSENT, consent({"type": "deny"}), token=self.ehr)[0],
                         403)
        self.assertTrue(self.allowed("reyes"))

    def test_of_a_merged_patient_it_is_the_others(self):
        made = self.enter({"type": "deny"})
        self.assertTrue(self.allowed("reyes", "MR-300"))
        self.hale.must("POST", f"patients/{self.lind}/merge", {"into": self.star})
        eventually(lambda: self.ask("reyes", "MR-300")[1].get("decision") is False)
        eventually(lambda: self.must("GET", f"{CONSENT}/{made['id']}")["patient"]["reference"]
                   == f"Patient/{self.star}", SOON)

    def test_at_the_command_line(self):
        file = self.folder / "consent.json"
        file.write_text(json.dumps(consent({"type": "deny"})))
        def consents(*words):
            return run("consent", *words, "--server", self.here.url, "--token-file", self.token_file(),
                       "--json")
        made = json.loads(consents("put", file).stdout)
        self.assertFalse(self.allowed("reyes"))
        listed = json.loads(consents("list", "--patient", "MR-200").stdout)
        self.assertEqual(len(listed["entry"]), 1)
        shown = json.loads(consents("show", made["id"]).stdout)
        self.assertEqual(shown["status"], "active")
        self.assertEqual(consents("revoke", made["id"]).returncode, 0)
        self.assertTrue(self.allowed("reyes"))
        file.write_text(json.dumps(consent({"type": "deny", "code": []})))
        refused = consents("put", file)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("Consent.provision.code", refused.stdout + refused.stderr)

    def token_file(self):
        file = self.folder / "first.token"
        file.write_text(self.first)
        file.chmod(0o600)
        return file

    def test_no_decision_that_begins_behind_a_withdrawal_allows(self):
        exported = {"action": "export", "context": {"purpose": "HQUALIMP"},
                    "obligations": ["deidentify"]}
        for _ in range(3):
            made = self.enter({"type": "permit", "purpose": purposes("HQUALIMP")})
            seen, is_over = [], threading.Event()

            def use():
                while not is_over.is_set():
                    begin = time.monotonic()
                    seen.append((begin, self.allowed("reyes", **exported)))

            threads = [threading.Thread(target=use) for _ in range(4)]
            for thread in threads:
                thread.start()
            eventually(lambda: any(allowed for _, allowed in seen))
            self.must("DELETE", f"{CONSENT}/{made['id']}")
            answered = time.monotonic()
            eventually(lambda: sum(begin > answered for begin, _ in seen) > 20)
            is_over.set()
            for thread in threads:
                thread.join()
            self.assertFalse(any(allowed for begin, allowed in seen if begin > answered))


if __name__ == "__main__":
    unittest.main()
