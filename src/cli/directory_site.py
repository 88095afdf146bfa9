"""A server with a directory, and who administers it; for the real tests."""
import json

from program import run
from serving import Serve, Site


class DirectorySite(Site):
    """A site whose tenants have a directory. `first`: each tenant's first administrator's token;
    none where another node that shares the database has made them."""

    def __init__(self, folder, tenants=(), database=None, is_first=True):
        super().__init__(folder)
        self.config["directory"] = {"database": database or f"sqlite:{self.folder}/directory.db"}
        if tenants:
            for key in ("policies", "entities", "callers"):
                self.config.pop(key)
            self.config["tenants"] = {
                name: {"policies": "policies", "entities": "entities.json"} for name in tenants}
        self.save()
        self.first = {name: self._init(name) for name in tenants or ("",)} if is_first else {}

    def _init(self, tenant):
        made = run("init", "--config", self.folder / "wardlock.yaml", "--user", "hale", "--json",
                   *(["--tenant", tenant] if tenant else []))
        if made.returncode:
            raise AssertionError(made.stdout + made.stderr)
        return json.loads(made.stdout)["token"]


class Administrator:
    """Somebody who asks `/admin/v1` with a token."""

    def __init__(self, server: Serve, token, base=""):
        self.server = server
        self.token = token
        self.base = base

    def ask(self, method, path, body=None, **headers):
        """Status, headers and JSON of the answer."""
        own = {"Content-Type": "application/json"} if body is not None else {}
        own.update({name.replace("_", "-"): value for name, value in headers.items()})
        text = json.dumps(body) if body is not None else None
        status, sent, answer = self.server.request(method, f"{self.base}/admin/v1/{path}", text, own,
                                                   self.token)
        return status, sent, json.loads(answer) if answer else None

    def must(self, method, path, body=None, **headers):
        """The answer to what is allowed."""
        status, _, answer = self.ask(method, path, body, **headers)
        if status // 100 != 2:
            raise AssertionError((method, path, status, answer))
        return answer

    def status(self, method, path, body=None, **headers):
        return self.ask(method, path, body, **headers)[0]

    def create(self, collection, state=None, **attributes):
        body = {"attributes": attributes, **({"state": state} if state else {})}
        return self.must("POST", collection, body)["id"]

    def relate(self, kind, subject, target, **more):
        return self.must("POST", "relations",
                         {"kind": kind, "subject": subject, "object": target, **more})["id"]

    def role(self, name):
        return self.must("GET", f"roles?displayName={name}")["items"][0]["id"]

    def with_role(self, name, role=None):
        """A new person with a role of administration, who asks for themselves."""
        person = self.create("people", "active", userName=name)
        if role:
            self.relate("roleAssignment", person, self.role("Wardlock::" + role))
        token = self.must("POST", f"people/{person}/credentials", {})["token"]
        somebody = Administrator(self.server, token, self.base)
        somebody.id = person
        return somebody
