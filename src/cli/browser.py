"""What a person does on the pages, without JavaScript; for the real tests."""
import base64
import hashlib
import hmac
import html
import http.client
import json
import re
import struct
import time
import urllib.parse

REDIRECT = "https://app.example/signed-in"
VERIFIER = "a-verifier-that-has-forty-three-characters-or-more"


def code_of(secret, later=0):
    """The code that an authenticator app shows (RFC 6238), so many periods later than now. One of the
    period before is taken until this one ends: it is made early enough in it to arrive."""
    left_s = 30 - time.time() % 30
    if later < 0 and left_s < 15:
        time.sleep(left_s)
    step = struct.pack(">Q", int(time.time()) // 30 + later)
    digest = hmac.new(base64.b32decode(secret), step, hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place:place + 4])[0] & 0x7fffffff) % 1000000:06}"


class Browser:
    """Fills in forms, and keeps cookies. `context`: of TLS, perhaps with a client certificate."""

    def __init__(self, server, base="", context=None, listener=0):
        scheme, _, address = server.urls[listener].partition("://")
        self.port = int(address.rsplit(":", 1)[1])
        self.origin = f"{scheme}://localhost:{self.port}"
        self.base = base
        self.context = context
        self.cookies = {}
        self.page = ""

    def _connect(self):
        if self.context:
            return http.client.HTTPSConnection("localhost", self.port, timeout=30, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, method, path, fields=None):
        """Status and where it leads; `page` is what it shows."""
        headers = {"Host": f"localhost:{self.port}", "Origin": self.origin}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = self._connect()
        try:
            connection.request(method, self.base + path, body, headers)
            reply = connection.getresponse()
            self.page = reply.read().decode()
        finally:
            connection.close()
        for line in reply.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return reply.status, reply.headers.get("Location")

    def get(self, path):
        return self.ask("GET", path)

    def send(self, path, form="", **fields):
        """Sends the page's form, the one that has this text, with what it hides."""
        return self.ask("POST", path, {**self.hidden(form), **fields})

    def hidden(self, form=""):
        forms = [each for each in re.findall("<form.*?</form>", self.page, re.S) if form in each]
        fields = re.findall('<input[^>]*type="hidden"[^>]*>', forms[0])
        named = [(re.search('name="([^"]*)"', each), re.search('value="([^"]*)"', each))
                 for each in fields]
        return {name[1]: html.unescape(value[1]) for name, value in named}

    def enrol(self, code, password):
        """Enters an invitation's code, and sets a password."""
        self.get("/account/enrol")
        self.send("/account/enrol", token=code)
        self.get("/account/password")
        self.send("/account/password", **{"new": password})
        return self.send("/account/enrol/finish", "/enrol/finish")[0] == 200

    def enrol_app(self, code, password):
        """The same with an authenticator app besides. Its codes are good once, from a period before
        its own to one after: the first is used up here."""
        self.get("/account/enrol")
        self.send("/account/enrol", token=code)
        self.get("/account/totp")
        typed = re.search('<p class="code long"[^>]*>([^<]*)<', self.page)[1].replace(" ", "")
        self.secret, self.later = typed + "=" * (-len(typed) % 8), -1
        self.send("/account/totp", label="Phone", code=code_of(self.secret, self.later))
        self.get("/account/password")
        self.send("/account/password", **{"new": password})
        return self.send("/account/enrol/finish", "/enrol/finish")[0] == 200

    def show_code(self):
        """The next of the app's codes, to the page that asks for one."""
        self.later += 1
        return self.send("/sign-in", 'name="code"', code=code_of(self.secret, self.later))

    def sign_in_twofold(self, name, password):
        """With password and app; whether somebody is signed in then."""
        self.get("/sign-in")
        self.send("/sign-in", 'name="user"', user=name)
        self.send("/sign-in", 'name="password"', user=name, password=password)
        self.show_code()
        return self.get("/account")[0] == 200

    def allow(self, path):
        """Goes there, and allows what is asked; where the page then leads: empty, nowhere."""
        place = path
        while place and (place.startswith("/") or place.startswith(self.origin)):
            _, place = self.get(place.removeprefix(self.origin).removeprefix(self.base))
        self.send("/consent", "/consent", do="allow")
        onward = re.search('<a class="button main" href="(http[^"]*)"', self.page)
        return html.unescape(onward[1]) if onward else ""

    def allow_device(self, user_code):
        """Enters the code that a device shows, and allows what it asks."""
        self.get("/device")
        _, place = self.send("/device", user_code=user_code)
        if not place:
            return False
        self.allow(place)
        return "/consent" not in self.page

    def sign_in(self, name, password, query=""):
        """Whether somebody is signed in then."""
        self.get("/sign-in" + query)
        self.send("/sign-in", 'name="user"', user=name)
        if 'name="password"' not in self.page:
            return False
        self.send("/sign-in", 'name="password"', user=name, password=password)
        return self.get("/account")[0] == 200

    def sign_out(self):
        self.get("/account")
        return self.send("/account/sign-out", "/account/sign-out")[0] == 200

    def session(self):
        """The token of the session; None: there is none."""
        return next((value for name, value in self.cookies.items() if "session" in name), None)

    def authorize(self, client, scope="openid"):
        """What the application gets once the person who is signed in has agreed: its tokens."""
        digest = hashlib.sha256(VERIFIER.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        query = urllib.parse.urlencode({
            "response_type": "code", "client_id": client, "redirect_uri": REDIRECT, "scope": scope,
            "code_challenge": challenge, "code_challenge_method": "S256"})
        _, place = self.get(f"/oauth2/authorize?{query}")
        while place and not place.startswith(REDIRECT):
            _, place = self.get(re.sub(f"^(https?://[^/]*)?{self.base}", "", place))
        if not place:
            self.send("/consent", "/consent", do="allow")
            place = html.unescape(re.search(f'{re.escape(REDIRECT)}[^"]*', self.page)[0])
        code = urllib.parse.parse_qs(urllib.parse.urlparse(place).query)["code"][0]
        status, _ = self.ask("POST", "/oauth2/token", {
            "grant_type": "authorization_code", "client_id": client, "code": code,
            "redirect_uri": REDIRECT, "code_verifier": VERIFIER})
        if status != 200:
            raise AssertionError((status, self.page))
        return json.loads(self.page)
