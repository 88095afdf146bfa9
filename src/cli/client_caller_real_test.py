"""Enforcement points that ask for decisions with access tokens of OAuth: their own, for this server, while the client is good
and the configuration names it."""
import http.client
import json
import pathlib
import tempfile
import unittest
import urllib.parse

from browser import Browser
from directory_site import Administrator, DirectorySite
from oauth_real_test import FORM, enter_client
from program import EVALUATION
from serving import ALL, Certificates, Serve, eventually, question
from slapd import free_port

PASSWORD = "seven zebra crossings"


class ClientCallerTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.certificates = Certificates(self.folder)
        self.certificates.issue("server", "DNS:localhost", "serverAuth")
        for name in ("gateway", "other"):
            self.certificates.issue(name, f"DNS:{name}.example", "clientAuth")
        site = self.site = DirectorySite(self.folder, tenants=("north", "south"))
        port = free_port()
        site.config["listeners"] = [{"address": f"127.0.0.1:{port}", "tls": {
            "certificate": "server.pem", "key": "server.key", "client_ca": "ca.pem"}}]
        site.config["public_url"] = self.issuer = f"https://localhost:{port}"
        site.config["authentication"] = {"otherwise": "office"}
        for tenant in ("north", "south"):
            site.config["tenants"][tenant]["callers"] = [{"id": f"{tenant}-gateway", "clients": ["gw"], "scope": ALL}]
        site.config["tenants"]["north"]["callers"] += [
            {"id": "tied", "clients": ["tied"], "scope": ALL},
            {"id": "other", "certificates": ["dns:other.example"], "scope": ALL},
            {"id": "narrow", "clients": ["narrow"], "scope": {**ALL, "actions": ["stop"]}}]
        north = f"{self.issuer}/north"
        for client in ("gw", "narrow", "stranger"):
            self.enter("north", client, north, access_token_format="jwt")
        self.enter("north", "opaque", north, access_token_format="opaque")
        self.enter("north", "tied", north, tls_client_certificate_bound_access_tokens=True)
        enter_client(site, "north", "app", scope="openid", audiences=[north])
        self.enter("south", "gw", f"{self.issuer}/south")
        self.server = self.enterContext(Serve(site, self.certificates.context()))
        self.hale = Administrator(self.server, site.first["north"], "/north")
        self.south = Administrator(self.server, site.first["south"], "/south")

    def enter(self, tenant, client, *audiences, **more):
        enter_client(self.site, tenant, client, token_endpoint_auth_method="client_secret_post",
                     grant_types=["client_credentials"], redirect_uris=[], scope="system/Patient.rs",
                     audiences=[*audiences, "https://fhir.example"], **more)

    def exchange(self, method, path, body, headers, shows=None):
        context = self.certificates.context(shows)
        port = int(self.server.urls[0].rsplit(":", 1)[1])
        connection = http.client.HTTPSConnection("localhost", port, timeout=30, context=context)
        try:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            return reply.status, dict(reply.headers), json.loads(reply.read() or "null")
        finally:
            connection.close()

    def token(self, client, administrator=None, shows=None, **more):
        """A token that the client gets for itself."""
        who = administrator or self.hale
        secret = who.must("POST", f"oauth-clients/{client}/secret", {})["client_secret"]
        status, _, given = self.exchange(
            "POST", f"{who.base}/oauth2/token", urllib.parse.urlencode(
                {"grant_type": "client_credentials", "client_id": client, "client_secret": secret, **more}),
            FORM, shows)
        self.assertEqual(status, 200, given)
        return given["access_token"]

    def ask(self, token, tenant="north", shows=None, scheme="Bearer", asked=None):
        """Status, challenge and answer."""
        status, headers, answer = self.exchange(
            "POST", f"/{tenant}{EVALUATION}", json.dumps(asked or question()),
            {"Content-Type": "application/json", "Authorization": f"{scheme} {token}"}, shows)
        return status, headers.get("WWW-Authenticate", ""), answer

    def test_a_client_asks_with_its_own_token(self):
        status, _, answer = self.ask(self.token("gw"))
        self.assertEqual((status, answer["decision"]), (200, True), answer)
        self.assertEqual(self.ask(self.token("narrow"))[0], 403, "what it may ask is the caller's")
        self.assertEqual(self.ask(self.token("narrow"), asked=question("stop"))[2]["decision"], True)

    def test_it_ends_with_the_client(self):
        token = self.token("gw")
        self.assertEqual(self.ask(token)[0], 200)
        self.hale.must("POST", "oauth-clients/gw/state", {"state": "disabled"})
        status, challenge, _ = self.ask(token)
        self.assertEqual(status, 401, "the next question")
        self.assertIn('error="invalid_token"', challenge)

    def test_a_token_for_something_else_asks_nothing(self):
        status, challenge, answer = self.ask(self.token("gw", resource="https://fhir.example"))
        self.assertEqual(status, 403, answer)
        self.assertIn("insufficient_scope", challenge)
        self.assertNotIn("wardlock.admin", challenge, "no scope would help")

    def test_a_client_that_is_no_caller_asks_nothing(self):
        status, _, answer = self.ask(self.token("stranger"))
        self.assertEqual(status, 403)
        self.assertIn("callers", json.dumps(answer))

    def test_what_is_no_token_of_this_tenant_asks_nothing(self):
        good = self.token("gw")
        head, body, signature = good.split(".")
        for token in (f"{head}.{body}.{signature[::-1]}", f"{head}.{body}.", "wla_" + "a" * 43, "nothing",
                      self.token("gw", self.south)):
            self.assertEqual(self.ask(token)[0], 401, token[:40])
        self.assertEqual(self.ask(good, "south")[0], 401, "the same id at another tenant is another client")
        self.assertEqual(self.ask(good, scheme="Basic")[0], 401)
        self.assertEqual(self.ask(good, scheme="DPoP")[0], 401, "it is tied to no key")

    def test_a_persons_token_makes_no_caller(self):
        person = self.hale.create("people", "active", userName="ann")
        code = self.hale.must("POST", f"people/{person}/invitation", {})["token"]
        browser = Browser(self.server, base="/north", context=self.certificates.context())
        self.assertTrue(browser.enrol(code, PASSWORD), browser.page)
        self.assertTrue(browser.sign_in("ann", PASSWORD), browser.page)
        status, _, answer = self.ask(browser.authorize("app")["access_token"])
        self.assertEqual(status, 403)
        self.assertIn("a person's", json.dumps(answer))

    def test_an_opaque_token_is_as_good(self):
        self.site.config["tenants"]["north"]["callers"].append({"id": "plain", "clients": ["opaque"], "scope": ALL})
        self.site.save()
        self.server.reload()
        token = self.token("opaque")
        self.assertTrue(token.startswith("wla_"))
        eventually(lambda: self.ask(token)[0] == 200)
        self.site.config["tenants"]["north"]["callers"].pop()
        self.site.save()
        self.server.reload()
        eventually(lambda: self.ask(token)[0] == 403)

    def test_a_token_that_is_tied_to_a_certificate_comes_with_it(self):
        token = self.token("tied", shows="gateway")
        self.assertEqual(self.ask(token, shows="gateway")[0], 200)
        self.assertEqual(self.ask(token)[0], 401)
        self.assertEqual(self.ask(token, shows="other")[0], 401)

    def test_a_request_is_one_callers(self):
        token = self.token("gw")
        self.assertEqual(self.ask(token, shows="gateway")[0], 200, "a certificate that is no caller's")
        self.assertEqual(self.ask(token, shows="other")[0], 401, "another caller's")

    def test_it_administers_nothing(self):
        status, _, _ = self.exchange("GET", "/north/admin/v1/people", None,
                                     {"Authorization": f"Bearer {self.token('gw')}"})
        self.assertEqual(status, 403)

    def test_the_configuration_says_whose_clients_they_are(self):
        site = DirectorySite(self.folder / "alone")
        site.config["callers"] = [{"id": "gateway", "clients": ["gw"], "scope": ALL}]
        with self.assertRaises(AssertionError) as refused, Serve(site):
            pass
        self.assertIn("set up `authentication`", str(refused.exception))


if __name__ == "__main__":
    unittest.main()
