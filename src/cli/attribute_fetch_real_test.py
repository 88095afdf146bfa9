"""Sources that are asked: a running server asks a rota and a FHIR server, over TLS, and decides by what they answer; and what
holds when they are silent, contradict themselves, or lead elsewhere."""
import json
import pathlib
import tempfile
import unittest

from directory_site import Administrator, DirectorySite
from program import run
from receivers import HttpsReceiver
from serving import Certificates, Serve, eventually

POLICIES = '''
@id("on-call") permit (principal, action == Action::"view", resource)
  when { principal has onCall && principal.onCall };
@id("same-ward") permit (principal, action == Action::"enter", resource)
  when { principal has ward && resource has wards && resource.wards.contains(principal.ward) };
'''
SCHEMA = '''
entity Ward;
entity User = {
  @source("rota") @fresh("6s") @stale("deny") onCall?: Bool,
  @source("places") @fresh("1h") @stale("deny") ward?: Ward,
};
@audit("patient") entity Patient = { @source("beds") @fresh("1h") @stale("deny") wards?: Set<Ward> };
@audit("care") action view, enter appliesTo { principal: User, resource: Patient, context: {} };
'''
TOKEN = "s3cret-of-the-rota"


def encounter(patient, *wards):
    places = [{"status": "active", "location": {"reference": f"Location/{ward}"}} for ward in wards]
    return {"resource": {"resourceType": "Encounter", "status": "in-progress", "location": places,
                         "subject": {"identifier": {"system": "urn:mrn", "value": patient}}}}


def certificates(folder):
    folder.mkdir()
    made = Certificates(folder)
    made.issue("siem", "DNS:localhost", "serverAuth")
    return made


class Sources(HttpsReceiver):
    """Answers `/rota` in Wardlock's form, and the rest as a FHIR server does, a page at a time."""

    def __init__(self, certificates):
        self.on_call = {"swift": True}
        self.pages = [[encounter("lind", "w1")]]
        self.next = lambda number: self.url(f"/fhir/Encounter?page={number}")
        self.asked = []
        super().__init__(certificates)

    def show(self, path, headers):
        with self.lock:
            self.asked.append((path, dict(headers.items())))
            if self.status >= 300:
                return self.status, b""
            return 200, json.dumps(self.told(path)).encode()

    def told(self, path):
        if path.startswith("/rota"):
            return {"values": [{"identifier": {"type": "userName", "value": name},
                                "attribute": "onCall", "value": is_on_call}
                               for name, is_on_call in self.on_call.items()]}
        number = int(path.partition("page=")[2] or 0)
        links = [{"relation": "self", "url": self.url(path)}]
        if number + 1 < len(self.pages):
            links.append({"relation": "next", "url": self.next(number + 1)})
        return {"resourceType": "Bundle", "type": "searchset", "link": links,
                "entry": self.pages[number]}

    def change(self, **values):
        with self.lock:
            vars(self).update(values)

    def requests(self):
        with self.lock:
            return list(self.asked)


class AttributeFetchTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.site = DirectorySite(self.folder)
        self.site.write("policies/rules.cedar", POLICIES)
        self.site.write("policies/rules.cedarschema", SCHEMA)
        self.site.write("entities.json", [])
        self.certificates = certificates(self.folder / "tls")
        self.sources = Sources(self.certificates)
        self.addCleanup(self.sources.stop)
        token = self.folder / "rota.token"
        token.write_text(TOKEN + "\n")
        token.chmod(0o600)
        common = {"ca": str(self.certificates.folder / "ca.pem"), "networks": ["127.0.0.0/8", "::1/128"],
                  "interval": "1s"}
        self.site.config["audit"] = {"directory": "log", "immutable": False}
        self.site.config["directory"].update({
            "known_by": {"person": "userName", "patient": "recordNumber"},
            "attribute_sources": {
                "rota": {**common, "url": self.sources.url("/rota?at={now}"),
                         "token_file": str(token)},
                "beds": {**common, "url": self.sources.url("/fhir/Encounter?status=in-progress"),
                         "form": "fhir", "readings": [{
                             "resource": "Encounter", "each": "location",
                             "where": {"status": "active"}, "thing": "%resource.subject",
                             "identifier": "recordNumber", "system": "urn:mrn",
                             "attribute": "wards", "value": "location",
                             "value_identifier": "code", "value_type": "Location", "set": True}]}}})
        self.ehr = self.site.add_caller("ehr", rights=["explain", "metrics"])
        self.site.save()

    def start(self):
        self.server = self.enterContext(Serve(self.site))
        self.hale = Administrator(self.server, self.site.first[""])
        self.hale.create("people", "active", userName="swift")
        self.hale.create("patients", recordNumber="lind")
        house = self.hale.create("organisations", code="st-mary", displayName="St Mary",
                                 organisationType="hospital")
        self.wards = {name: self.hale.create("locations", code=name, displayName=name,
                                             locationType="ward", organisation=house)
                      for name in ("w1", "w2")}

    def decision(self, action):
        status, reply = self.server.ask(self.ehr, {
            "subject": {"type": "User", "id": "swift"}, "action": {"name": action},
            "resource": {"type": "Patient", "id": "lind"}})
        return status == 200 and reply["decision"], reply.get("context", {})

    def allows(self, action="view"):
        return self.decision(action)[0]

    def told_of(self, name):
        found = self.hale.must("GET", f"patients?recordNumber={name}")["items"][0]["id"]
        items = self.hale.must("GET", f"things/{found}/attributes")["items"]
        return {each["attribute"]: each["value"] for each in items}

    def logged(self, event):
        return [json.dumps(each) for each in self.server.events(event)]

    def test_what_a_source_answers_is_decided_by(self):
        self.start()
        eventually(self.allows)
        self.sources.change(on_call={"swift": False})
        eventually(lambda: not self.allows())
        self.sources.change(on_call={"swift": True})
        eventually(self.allows)
        path, headers = next(each for each in self.sources.requests() if each[0].startswith("/rota"))
        self.assertRegex(path, r"^/rota\?at=20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ$")
        self.assertEqual(headers["Authorization"], f"Bearer {TOKEN}")
        asked = [headers for path, headers in self.sources.requests() if path.startswith("/fhir")]
        self.assertTrue(all("Authorization" not in each for each in asked), "it is the rota's alone")

    def test_a_silent_source_is_stale_and_comes_back(self):
        self.start()
        eventually(self.allows)
        self.sources.change(status=503)
        eventually(lambda: not self.allows())
        self.assertIn("User.onCall", self.decision("view")[1]["stale"])
        eventually(lambda: any("it answered 503" in line
                               for line in self.logged("directory_task_failed")))
        self.sources.change(status=200)
        eventually(self.allows)

    def test_all_pages_of_a_fhir_server_are_read(self):
        self.sources.pages = [[encounter("lind", "w1")], [encounter("nobody", "w1")],
                              [encounter("lind", "w2"), encounter("lind", "w1")]]
        self.start()
        eventually(lambda: self.told_of("lind").get("wards")
                   and sorted(self.told_of("lind")["wards"]) == sorted(self.wards.values()))
        eventually(lambda: any('"unknown": 1, "wrong": 0' in line for line in self.logged("attribute_source_faults")))
        self.assertNotIn("nobody", "".join(self.logged("attribute_source_faults")))

    def test_it_is_not_led_elsewhere(self):
        self.sources.pages = [[encounter("lind", "w1")], [encounter("lind", "w2")]]
        other = Sources(self.certificates)
        self.addCleanup(other.stop)
        self.sources.next = lambda number: other.url(f"/fhir/Encounter?page={number}")
        self.start()
        eventually(lambda: any("the next page is elsewhere" in line
                               for line in self.logged("directory_task_failed")))
        self.assertEqual(other.requests(), [])
        self.assertEqual(self.told_of("lind"), {}, "half an answer is none")

    def test_who_it_is_must_be_proven(self):
        stranger = certificates(self.folder / "other")
        sources = self.site.config["directory"]["attribute_sources"]
        sources["rota"]["ca"] = str(stranger.folder / "ca.pem")
        sources["beds"]["networks"] = []
        self.start()
        eventually(lambda: len({"ask rota", "ask beds"} & {
            name for name in ("ask rota", "ask beds")
            for line in self.logged("directory_task_failed") if name in line}) == 2)
        self.assertEqual(self.sources.requests(), [], "loopback is no place of the Internet")
        self.assertFalse(self.allows())

    def test_what_is_so_still_is_not_told_again_at_once(self):
        self.start()
        eventually(lambda: self.told_of("lind"))
        before = self.sources.requests()
        eventually(lambda: len(self.sources.requests()) > len(before) + 6)

        def told():
            shown = run("audit", "query", self.folder / "log", "--json")
            events = [json.loads(line) for line in shown.stdout.splitlines()]
            return [event for event in events if event.get("action") == "tell_attributes"
                    and event.get("principal_id") == "source:beds"]
        eventually(told)
        self.assertEqual(len(told()), 1, "a patient's ward, fresh for an hour")

    def test_it_goes_on_after_a_restart(self):
        self.start()
        eventually(self.allows)
        self.server.stop()
        self.sources.change(on_call={"swift": False})
        with Serve(self.site) as self.server:
            eventually(lambda: self.decision("view")[1] and not self.allows())

    def test_at_the_command_line(self):
        shown = run("attribute", "fetch", "--config", self.folder / "wardlock.yaml", "--source",
                    "beds", "--json")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        value, = json.loads(shown.stdout)["values"]
        self.assertEqual(value["identifier"], {"type": "recordNumber", "value": "lind"})
        self.assertEqual(value["valueIdentifier"], [{"type": "code", "value": "w1"}])
        table = run("attribute", "fetch", "--config", self.folder / "wardlock.yaml", "--source",
                    "rota")
        self.assertIn("onCall", table.stdout)
        wrong = run("attribute", "fetch", "--config", self.folder / "wardlock.yaml", "--source",
                    "bed")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("there is no source `bed`; there are `rota`, `beds`", wrong.stderr)
        self.sources.change(status=500)
        failed = run("attribute", "fetch", "--config", self.folder / "wardlock.yaml", "--source",
                     "beds")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("it answered 500", failed.stderr)


if __name__ == "__main__":
    unittest.main()
