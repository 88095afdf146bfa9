"""An agent acts for a physician, against a running server: with a token that it exchanged for theirs, or named by an
application; it may what both may, and each decision says so."""
import json
import pathlib
import tempfile
import unittest
import urllib.parse

from browser import Browser
from directory_site import Administrator, DirectorySite
from oauth_real_test import FORM, REDIRECT, enter_client
from program import EVALUATION, HOSPITAL, run
from serving import Serve, eventually

AGENTS = pathlib.Path(HOSPITAL).parent / "agents"
PASSWORD = "seven zebra crossings"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
POLICIES = '''
@id("team") permit (principal is User, action, resource) when { resource.careTeam.contains(principal) };
@id("agents-of-theirs") permit (principal is Agent, action in [Action::"view", Action::"note"], resource)
  when { context has onBehalfOf && principal.actsFor.contains(context.onBehalfOf) };
@id("agents-note-with-care") @obligation("review")
forbid (principal is Agent, action == Action::"note", resource);
@id("people-log") @obligation("log") forbid (principal is User, action == Action::"note", resource);
@id("no-agents-at-night") forbid (principal is User, action, resource)
  when { context has actor && context has shift && context.shift == "night" };
@id("glass") @override("break-glass")
permit (principal, action == Action::"view", resource) when { context has override };
@id("archive") permit (principal is Service, action == Action::"view", resource);
'''
SCHEMA = '''
namespace Wardlock {
  type Override = { id: String, reason: String, expiresAt: datetime };
  entity Grant = {
    principal: User, target: Patient, actions: Set<Action>, opensAt: datetime, expiresAt: datetime,
    reason: String, waives?: Set<String>,
  };
}
entity User;
entity Agent = { actsFor: Set<User> };
entity Service;
@audit("patient") entity Patient = { careTeam: Set<User> };
type Care = { actor?: Agent, onBehalfOf?: User, shift?: String, override?: Wardlock::Override };
@audit("care") action view, note, sign appliesTo { principal: [User, Agent, Service], resource: Patient, context: Care };
'''


def patient(name, *team):
    return {"uid": {"type": "Patient", "id": name}, "parents": [],
            "attrs": {"careTeam": [{"__entity": {"type": "User", "id": each}} for each in team]}}


GRANT = {"uid": {"type": "Wardlock::Grant", "id": "g-1"}, "parents": [], "attrs": {
    "principal": {"__entity": {"type": "User", "id": "grey"}},
    "target": {"__entity": {"type": "Patient", "id": "p-2"}},
    "actions": [{"__entity": {"type": "Action", "id": "view"}}], "reason": "unconscious",
    "opensAt": {"__extn": {"fn": "datetime", "arg": "2020-01-01"}},
    "expiresAt": {"__extn": {"fn": "datetime", "arg": "2100-01-01"}}}}


class AgentTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        site = self.site = DirectorySite(self.folder)
        site.write("policies/rules.cedar", POLICIES)
        site.write("policies/rules.cedarschema", SCHEMA)
        site.write("entities.json", [patient("p-1", "grey"), patient("p-2"), patient("p-3", "cole"), GRANT])
        site.config["audit"] = {"directory": "log", "immutable": False}
        site.config["directory"]["known_by"] = {"person": "userName", "agent": "clientId", "service": "clientId"}
        site.config["authentication"] = {"otherwise": "office"}
        self.ehr = site.add_caller("ehr", rights=["search", "explain", "override"])
        self.kiosk = site.add_caller("kiosk", requires_subject_token=True)
        site.save()
        enter_client(site, "main", "app", scope="openid", audiences=["urn:agents"])
        self.server = self.enterContext(Serve(site))
        self.hale = Administrator(self.server, site.first[""])
        self.grey = self.enrolled("grey")
        self.scribe = self.machine("agents", "scribe", actsFor=[self.grey.person])
        eventually(lambda: self.ask(actor="scribe")[1].get("decision"))

    def enrolled(self, name):
        """Somebody who has signed in on the pages."""
        person = self.hale.create("people", "active", userName=name)
        code = self.hale.must("POST", f"people/{person}/invitation", {})["token"]
        browser = Browser(self.server)
        browser.person = person
        self.assertTrue(browser.enrol(code, PASSWORD), browser.page)
        self.assertTrue(browser.sign_in(name, PASSWORD), browser.page)
        return browser

    def machine(self, kind, name, **more):
        made = self.hale.create(kind, clientId=name, displayName=name, purpose="notes", **more)
        owner = self.hale.must("GET", "people?userName=hale")["items"][0]["id"]
        self.hale.relate("owner", made, owner)
        self.hale.must("POST", f"{kind}/{made}/state", {"state": "active"})
        return made

    def client(self, name, thing=None):
        """A client that exchanges the application's tokens; its id and secret."""
        described = {"client_name": name, "grant_types": [EXCHANGE], "scope": "openid",
                     "token_endpoint_auth_method": "client_secret_post", "audiences": ["urn:agents"],
                     "exchange_audiences": ["urn:agents"]}
        if thing:
            described["directory_thing"] = thing
        made = self.hale.must("POST", "oauth-clients", described)
        return made["client_id"], made["client_secret"]

    def exchanged(self, token, client):
        """The token with which the client acts for whose token that is."""
        status, _, text = self.server.request("POST", "/oauth2/token", urllib.parse.urlencode({
            "grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN,
            "client_id": client[0], "client_secret": client[1]}), {**FORM, "Host": self.host()})
        self.assertEqual(status, 200, text)
        return json.loads(text)["access_token"]

    def host(self):
        return f"localhost:{self.grey.port}"

    def post(self, path, body, token=None, caller=None):
        headers = {"Content-Type": "application/json", "Host": self.host()}
        if token:
            headers["Wardlock-Subject-Token"] = token
        status, _, text = self.server.request("POST", path, json.dumps(body), headers, caller or self.ehr)
        return status, json.loads(text)

    def ask(self, which="p-1", action="view", token=None, actor=None, caller=None, who=("User", "grey"),
            context=None, **options):
        if actor:
            options["actor"] = {"type": "Agent", "id": actor} if isinstance(actor, str) else actor
        asked = {"subject": {"type": who[0], "id": who[1]}, "action": {"name": action},
                 "resource": {"type": "Patient", "id": which}, "context": context or {},
                 "options": {"obligations": ["log", "review"], **options}}
        return self.post(EVALUATION, asked, token, caller)

    def decided(self, *question, **more):
        status, reply = self.ask(*question, **more)
        self.assertEqual(status, 200, reply)
        return reply["decision"], reply["context"]

    def token(self, thing=True):
        return self.exchanged(self.grey.authorize("app")["access_token"],
                              self.client("Scribe", self.scribe if thing else None))

    def test_a_token_that_was_exchanged_may_what_both_may(self):
        token = self.token()
        for caller in (self.ehr, self.kiosk):
            allowed, context = self.decided(token=token, caller=caller)
            self.assertTrue(allowed, context)
            self.assertEqual(context["actor"], {"type": "Agent", "id": "scribe"},
                             "the application has not said so, and the token has")
        self.assertEqual(sorted(context["policies"]), ["agents-of-theirs", "team"])
        allowed, context = self.decided("p-2", token=token)
        self.assertEqual((allowed, context["cause"], context["actor"].get("denied")), (False, "no_permit", None),
                         "the physician may not")
        self.assertTrue(self.decided(action="sign")[0])
        allowed, context = self.decided(action="sign", token=token)
        self.assertEqual((allowed, context["cause"], context["actor"]["denied"]), (False, "no_permit", True),
                         "the agent may not")
        _, context = self.decided(action="note", token=token)
        self.assertEqual(sorted(context["obligations"]), ["log", "review"], "what either owes")
        allowed, context = self.decided(token=token, context={"shift": "night"})
        self.assertEqual((allowed, context["policies"]), (False, ["no-agents-at-night"]))
        self.assertTrue(self.decided(context={"shift": "night"})[0])

    def test_the_agent_alone_may_not(self):
        allowed, context = self.decided(who=("Agent", "scribe"))
        self.assertEqual((allowed, context["cause"]), (False, "no_permit"))
        self.enrolled("cole")
        eventually(lambda: self.decided("p-3", who=("User", "cole"))[0])
        self.assertFalse(self.decided("p-3", who=("User", "cole"), actor="scribe")[0], "it acts for grey alone")
        allowed, _ = self.decided(who=("User", "grey"), actor={"type": "Service", "id": "scribe"})
        self.assertFalse(allowed)

    def test_an_application_may_name_who_acts_and_gains_nothing(self):
        token = self.token()
        self.assertTrue(self.decided(actor="scribe")[0])
        self.assertTrue(self.decided(actor="scribe", token=token)[0], "both say the same")
        self.machine("agents", "other", actsFor=[self.grey.person])
        eventually(lambda: self.decided(actor="other")[0])
        status, reply = self.ask(token=token, actor="other")
        self.assertEqual(status, 400)
        self.assertIn("said twice, and differently", reply)
        status, reply = self.ask(actor={"type": "Agent"})
        self.assertEqual((status, reply), (400, "`options.actor.id` is missing"))
        self.assertEqual(self.ask(context={"actor": {"type": "Agent", "id": "scribe"}})[0], 400)
        self.assertEqual(self.ask(context={"onBehalfOf": "grey"}, who=("Agent", "scribe"))[0], 400)

    def test_the_glass_is_not_broken_by_who_acts_for_somebody(self):
        allowed, context = self.decided("p-2", grant="g-1")
        self.assertEqual((allowed, context["cause"]), (True, "override"))
        for way in ({"token": self.token()}, {"actor": "scribe"}):
            allowed, context = self.decided("p-2", grant="g-1", **way)
            self.assertEqual((allowed, context["cause"]), (False, "no_permit"))
            self.assertNotIn("override_possible", context)
            self.assertIn("counts for nothing", context["notes"][0])

    def test_a_reverse_proxy_that_sends_the_token_is_answered_for_both(self):
        token = self.token()

        def passed(action, **own):
            return self.server.request("GET", "/forward-auth", None, {
                "X-Subject-Type": "User", "X-Subject-Id": "grey", "X-Action": action, "X-Resource-Type": "Patient",
                "X-Resource-Id": "p-1", "Host": self.host(), **own}, self.ehr)[0]
        self.assertEqual((passed("view"), passed("sign")), (204, 204))
        shown = {"Wardlock-Subject-Token": token}
        self.assertEqual((passed("view", **shown), passed("sign", **shown)), (204, 403))

    def test_an_agent_that_is_gone_may_nothing(self):
        token = self.token()
        self.assertTrue(self.decided(token=token)[0])
        self.hale.must("POST", f"agents/{self.scribe}/state", {"state": "suspended"})
        cause = lambda **way: self.decided(**way)[1]["cause"]
        eventually(lambda: cause(actor="scribe") == "actor_unknown")
        status, reply = self.ask(token=token)
        self.assertTrue(status == 401 or reply["context"]["cause"] == "actor_unknown", reply)
        self.assertFalse(status == 200 and reply["decision"])
        self.assertTrue(self.decided()[0], "the physician goes on")
        self.hale.must("POST", f"agents/{self.scribe}/state", {"state": "active"})
        eventually(lambda: self.decided(actor="scribe")[0])

    def test_who_does_not_fit_is_told_why(self):
        self.assertEqual(self.decided(actor="nobody")[1]["cause"], "actor_unknown")
        self.machine("services", "archive")
        service = {"type": "Service", "id": "archive"}
        eventually(lambda: self.decided(who=("Service", "archive"))[0])
        _, context = self.decided(actor=service)
        self.assertEqual((context["cause"], context["actor"]), (
            "actor_not_applicable", {**service, "denied": True}))
        _, context = self.decided(token=self.token(thing=False))
        self.assertEqual((context["cause"], context["actor"]["type"]), ("actor_unknown", "OAuthClient"),
                         "a client that is nothing in the directory")

    def test_what_is_no_token_is_refused(self):
        token = self.token()
        head, body, signature = token.split(".")
        self.assertEqual(self.ask(token=".".join((head, body, signature[::-1])))[0], 401)
        self.assertEqual(self.ask(token=token, who=("User", "hale"))[0], 400, "it is not theirs")
        self.assertEqual(self.ask(caller=self.kiosk, actor="scribe")[0], 401, "naming one is no token")
        self.assertTrue(self.grey.sign_out())
        eventually(lambda: self.ask(token=token)[0] == 401)

    def test_it_does_nothing_else_in_their_name(self):
        token = self.token()
        for path in ("/admin/v1/people", "/delegations/v1/delegations/mine", "/break-glass/v1/grants/mine"):
            status, _, _ = self.server.request("GET", path, None, {"Host": self.host()}, token)
            self.assertIn(status, (401, 403), path)

    def test_people_may_sign_in_to_an_agent_and_it_stays_one(self):
        app = {"client_name": "Dictation", "redirect_uris": [REDIRECT], "scope": "openid",
               "token_endpoint_auth_method": "none"}
        for thing, who in ((self.scribe, {"type": "Agent", "id": "scribe"}),
                           (self.machine("services", "portal"), None)):
            made = self.hale.must("POST", "oauth-clients", {**app, "directory_thing": thing})
            token = self.grey.authorize(made["client_id"])["access_token"]
            allowed, context = self.decided(token=token)
            self.assertEqual((allowed, context.get("actor")), (True, who))
            self.assertEqual(self.decided(action="sign", token=token)[0], who is None)

    def test_records_name_both(self):
        first = self.client("Portal", self.machine("services", "portal"))
        asked = self.exchanged(self.grey.authorize("app")["access_token"], first)
        token = self.exchanged(asked, self.client("Scribe", self.scribe))
        ids = [self.decided(which, token=token)[1]["decision_id"] for which in ("p-1", "p-2")]

        def told(*words):
            shown = run("audit", "query", self.folder / "log", "--json", *words)
            return {each["decision_id"]: each for each in map(json.loads, shown.stdout.splitlines())}
        eventually(lambda: set(ids) <= set(told("--affected", "Agent::scribe")))
        records = told("--affected", "Agent::scribe")
        for decision, allowed in zip(ids, (True, False)):
            record = records[decision]
            self.assertEqual(record["allowed"], allowed)
            self.assertEqual((record["principal_id"], record["affected_type"], record["affected_id"]),
                             ("grey", "Agent", "scribe"))
            self.assertEqual(record["notes"][:2], ["actor: Agent", f"acted before: {first[0]}"])

    def test_searches_and_batches_find_the_same(self):
        token = self.token()
        wanted = {"subject": {"type": "User", "id": "grey"}, "resource": {"type": "Patient", "id": "p-1"}}
        names = lambda body, token=None: [each["name"] for each in self.post(
            "/access/v1/search/action", body, token)[1]["results"]]
        owed = {"options": {"obligations": ["log", "review"]}}
        self.assertEqual(names({**wanted, **owed}), ["note", "sign", "view"])
        self.assertEqual(names({**wanted, **owed}, token), ["note", "view"])
        for way in ({"token": token}, {"options": {"actor": {"type": "Agent", "id": "scribe"}}}):
            body = {"subject": wanted["subject"], "action": {"name": "view"},
                    "resource": {"type": "Patient"}, "options": way.get("options", {})}
            status, found = self.post("/access/v1/search/resource", body, way.get("token"))
            self.assertEqual([each["id"] for each in found["results"]], ["p-1"], found)
        _, found = self.post("/access/v1/search/subject", {
            "subject": {"type": "User"}, "action": {"name": "view"},
            "resource": {"type": "Patient", "id": "p-1"},
            "options": {"actor": {"type": "Agent", "id": "scribe"}}})
        self.assertEqual([each["id"] for each in found["results"]], ["grey"], found)
        _, reply = self.post("/access/v1/evaluations", {**wanted, "evaluations": [
            {"action": {"name": "view"}}, {"action": {"name": "sign"}}]}, token)
        self.assertEqual([each["decision"] for each in reply["evaluations"]], [True, False])

        def searches():
            shown = run("audit", "query", self.folder / "log", "--json", "--affected", "Agent::scribe", "--kind", "search")
            return [json.loads(line) for line in shown.stdout.splitlines()]
        eventually(lambda: len(searches()) == 4)
        self.assertEqual({each["notes"][0] for each in searches()}, {"actor: Agent"})

    def test_explanations_say_whose_part_it_was(self):
        def told(*question, **more):
            return self.decided(*question, explain=True, **more)[1]["explanation"]
        said = told(actor="scribe")
        self.assertTrue(said["sentence"].startswith("Allowed"))
        self.assertIn("both may", said["hints"][0])
        self.assertIn("who acts for them may not", told(action="sign", actor="scribe")["hints"][0])
        self.assertIn("may not do it themselves", told("p-2", actor="scribe")["hints"][0])
        self.assertIn("not have it done",
                      told(actor="scribe", context={"shift": "night"})["hints"][0])
        self.assertIn("nobody whom the policies know", told(actor="nobody")["sentence"])


class AgentPoliciesTest(unittest.TestCase):
    """The example of such policies."""

    def test_their_tests_pass_and_cover_them(self):
        done = run("run-tests", "--policies", AGENTS, "--coverage", "--coverage-min", "100")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("0 failed", done.stdout)

    def test_a_test_without_who_acts_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            text = (AGENTS / "agents.test.yaml").read_text()
            own = pathlib.Path(folder) / "own.test.yaml"
            own.write_text(text.replace("    actor: Agent::\"scribe\"\n", ""))
            self.assertEqual(run("run-tests", "--policies", AGENTS, own).returncode, 1)

    def test_a_test_says_nothing_of_who_acts_but_who_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            own = pathlib.Path(folder) / "own.test.yaml"
            own.write_text('tests:\n  - {name: one, at: 2026-11-24, principal: \'User::"grey"\', action: view, '
                           'resource: \'Patient::"p-1"\', actor: {type: Agent, id: a, properties: {x: 1}}, expect: deny}\n')
            done = run("run-tests", "--policies", AGENTS, own)
            self.assertEqual(done.returncode, 1)
            self.assertIn("nothing is said of who acts", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
