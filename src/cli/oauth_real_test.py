"""The identity provider of the real server: what it says of itself, what applications and devices begin, and what is
refused before anybody has signed in."""
import contextlib
import json
import pathlib
import sqlite3
import tempfile
import unittest
import urllib.parse

from directory_site import DirectorySite
from serving import Serve

REDIRECT = "https://app.example/signed-in"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def enter_client(site, tenant, identity, **more):
    """A public client, as the server keeps one."""
    document = {"client_name": "Ward list", "redirect_uris": [REDIRECT], "scope": "openid profile",
                "token_endpoint_auth_method": "none", "secret_hashes": [], "self_registered": False, **more}
    path = site.config["directory"]["database"].removeprefix("sqlite:")
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO oauth_client (tenant, id, version, made_ms, changed_ms, document) "
                         "VALUES (?, ?, 1, 0, 0, ?)", (tenant, identity, json.dumps(document)))


def asked(client, **other):
    """What the client asks a browser to bring."""
    parameters = {"response_type": "code", "client_id": client, "redirect_uri": REDIRECT, "scope": "openid",
                  "state": "s", "code_challenge": CHALLENGE, "code_challenge_method": "S256", **other}
    return urllib.parse.urlencode(parameters)


class OauthTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        folder = pathlib.Path(kept.name)
        site = self.site = DirectorySite(folder, tenants=("north", "south"))
        site.config["public_url"] = "https://id.example"
        site.config["authentication"] = {}
        site.save()
        enter_client(site, "north", "app")
        enter_client(site, "north", "pump", grant_types=[DEVICE], redirect_uris=[])
        self.server = self.enterContext(Serve(site))

    def get(self, path):
        status, headers, body = self.server.request("GET", path)
        return status, {name.lower(): value for name, value in dict(headers).items()}, body

    def post(self, path, **parameters):
        status, _, body = self.server.request("POST", path, urllib.parse.urlencode(parameters), FORM)
        return status, json.loads(body)

    def test_each_tenant_is_an_issuer(self):
        for tenant in ("north", "south"):
            for path in (f"/{tenant}/.well-known/openid-configuration",
                         f"/.well-known/oauth-authorization-server/{tenant}"):
                status, _, body = self.get(path)
                self.assertEqual(status, 200, path)
                told = json.loads(body)
                self.assertEqual(told["issuer"], f"https://id.example/{tenant}")
                self.assertEqual(told["registration_endpoint"], f"https://id.example/{tenant}/oauth2/register")
        keys = [json.loads(self.get(f"/{tenant}/oauth2/jwks")[2])["keys"][0] for tenant in ("north", "south")]
        self.assertNotEqual(keys[0]["kid"], keys[1]["kid"])
        self.assertEqual(self.get("/west/oauth2/jwks")[0], 404)

    def test_a_browser_is_sent_to_sign_in(self):
        status, headers, _ = self.get(f"/north/oauth2/authorize?{asked('app')}")
        self.assertEqual(status, 303)
        place = headers["location"]
        self.assertTrue(place.startswith("https://id.example/north/sign-in?request=wlq_"), place)
        self.assertEqual(self.get(place.removeprefix("https://id.example"))[0], 200)
        status, headers, _ = self.get(f"/north/oauth2/authorize?{asked('app', prompt='none')}")
        self.assertIn("error=login_required", headers["location"])

    def test_what_is_not_registered_there_is_sent_nowhere(self):
        for path in (f"/south/oauth2/authorize?{asked('app')}",
                     f"/north/oauth2/authorize?{asked('app', redirect_uri='https://evil.example/')}",
                     f"/north/oauth2/authorize?{asked('nobody')}"):
            status, headers, _ = self.get(path)
            self.assertEqual(status, 400, path)
            self.assertNotIn("location", headers)

    def test_a_device_is_given_codes_and_waits(self):
        status, offer = self.post("/north/oauth2/device_authorization", client_id="pump", scope="openid")
        self.assertEqual(status, 200, offer)
        self.assertEqual(offer["verification_uri"], "https://id.example/north/device")
        status, told = self.post("/north/oauth2/token", client_id="pump", grant_type=DEVICE,
                                 device_code=offer["device_code"])
        self.assertEqual((status, told["error"]), (400, "authorization_pending"))
        status, told = self.post("/south/oauth2/token", client_id="pump", grant_type=DEVICE,
                                 device_code=offer["device_code"])
        self.assertEqual((status, told["error"]), (401, "invalid_client"))

    def test_strangers_are_refused(self):
        status, told = self.post("/north/oauth2/token", grant_type="client_credentials")
        self.assertEqual((status, told["error"]), (401, "invalid_client"))
        self.assertEqual(self.get("/north/oauth2/userinfo")[0], 401)
        self.assertEqual(self.get("/north/oauth2/token")[0], 405)

    def register(self, tenant, token=None):
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        body = json.dumps({"client_name": "App", "redirect_uris": [REDIRECT]})
        return self.server.request("POST", f"/{tenant}/oauth2/register", body, headers)

    def invitation(self, tenant):
        """What an administrator of the tenant gives away."""
        status, _, body = self.server.request(
            "POST", f"/{tenant}/admin/v1/oauth-client-invitations", "{}",
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.site.first[tenant]}"})
        self.assertEqual(status, 201, body)
        return json.loads(body)["token"]

    def test_who_was_invited_registers_there_and_nobody_else(self):
        token = self.invitation("north")
        for tenant, brought in (("north", None), ("north", "wli_guessed"), ("south", token)):
            self.assertEqual(self.register(tenant, brought)[0], 401, brought)
        status, _, body = self.register("north", token)
        self.assertEqual(status, 201, body)
        client = json.loads(body)
        self.assertEqual(client["registration_client_uri"],
                         f"https://id.example/north/oauth2/register/{client['client_id']}")
        self.assertEqual(self.register("north", token)[0], 401)
        mine = {"Authorization": f"Bearer {client['registration_access_token']}"}
        place = f"/oauth2/register/{client['client_id']}"
        self.assertEqual(self.server.request("GET", "/south" + place, None, mine)[0], 401)
        self.assertEqual(self.server.request("GET", "/north" + place, None, mine)[0], 200)

    def test_who_tries_over_and_over_waits(self):
        for _ in range(40):
            status, headers, _ = self.register("north", "wli_guessed")
            if status == 429:
                break
        self.assertEqual(status, 429)
        self.assertGreaterEqual(int({name.lower(): value for name, value in dict(headers).items()}["retry-after"]), 1)


if __name__ == "__main__":
    unittest.main()
