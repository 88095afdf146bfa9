"""People who ask for roles and approvals, and who answer, against a running server; for the real tests."""
import json
import pathlib
import tempfile
import unittest

from oauth_real_test import enter_client
from serving import eventually
from signed_in_site import SignedInSite

REQUESTS = "/requests/v1/requests"
SOON = 120  # what is over is closed every quarter of a minute


class RequestSite(unittest.TestCase):
    """`swift` asks, and `chief`, who signed in last, signs. Whoever derives says by which policies
    (`POLICIES`, `SCHEMA`), what else there is (`fill`), and what is asked of decisions (`question`)."""
    POLICIES = SCHEMA = ""
    KNOWN_BY = {"person": "userName", "patient": "recordNumber"}
    SETTINGS = {}
    RIGHTS = None

    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.here = SignedInSite(self, self.folder, prepare=self.prepare, otherwise="remote")
        self.hale = self.here.hale
        self.fill()
        self.signed_in("swift")
        self.signed_in("chief")  # signs: the later they sign in, the better
        self.hale.relate("owner", self.owned, self.chief)
        eventually(lambda: self.ask("swift")[0] == 200)

    def prepare(self, site):
        site.write("policies/rules.cedar", self.POLICIES)
        site.write("policies/rules.cedarschema", self.SCHEMA)
        site.write("entities.json", [])
        site.config["audit"] = {"directory": "log", "immutable": False}
        site.config["directory"]["known_by"] = self.KNOWN_BY
        site.config["directory"].update(self.SETTINGS)
        self.ehr = site.add_caller("ehr", rights=self.RIGHTS)
        site.save()
        enter_client(site, "main", "app", scope="openid")

    def signed_in(self, name, *roles, **attributes):
        person, code = self.here.invited(name, *roles, **attributes)
        setattr(self, name, person)
        status, printed = self.here.login(name, self.here.browser(name, code))
        self.assertEqual(status, 0, printed)

    def ask(self, who, **question):
        return self.here.server.ask(self.ehr, {"subject": {"type": "User", "id": who},
                                               **self.question(**question)})

    def allowed(self, who="swift", **question):
        status, reply = self.ask(who, **question)
        self.assertEqual(status, 200, reply)
        return reply["decision"]

    def request(self, method, path, body=None, who=None, token=None):
        token = token or self.here.kept(who)["access_token"]
        status, _, text = self.here.server.request(
            method, path, json.dumps(body) if body is not None else None,
            {"Content-Type": "application/json", "Host": self.here.url.split("//")[1]}, token)
        return status, json.loads(text) if text else None

    def must(self, method, path, body=None, who=None):
        status, reply = self.request(method, path, body, who)
        self.assertEqual(status // 100, 2, reply)
        return reply

    def asked(self, who="swift", **more):
        return self.must("POST", REQUESTS, self.wish(**more), who)["id"]

    def answer(self, one, verb, who, **body):
        return self.request("POST", f"{REQUESTS}/{one}/{verb}", body, who)

    def approve(self, one, who="chief"):
        status, reply = self.answer(one, "approve", who)
        self.assertEqual(status, 200, reply)
        return reply
