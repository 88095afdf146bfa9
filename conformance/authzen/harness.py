"""What the checks have in common: a decision point of our own, and who has passed."""
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "src" / "cli"))
from program import Pdp  # noqa: E402: the path must be set first
from serving import Certificates, Serve, Site  # noqa: E402

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
SEARCHES = "/access/v1/search/"
METADATA = "/.well-known/authzen-configuration"
JSON = "application/json"


def base_url(pdp):
    return f"http://127.0.0.1:{pdp.port}"


class SecuredServer:
    """`wardlock serve` over TLS, for a caller with a token; asked like a `Pdp`."""

    def __init__(self, policy, schema, entities):
        self.folder = tempfile.TemporaryDirectory()
        certificates = Certificates(self.folder.name)
        certificates.issue("server", "DNS:localhost", "serverAuth")
        site = Site(self.folder.name)
        site.write("policies/rules.cedar", policy.read_text())
        site.write("policies/rules.cedarschema", schema.read_text())
        site.write("entities.json", entities.read_text())
        site.config["listeners"] = [{"address": "127.0.0.1:0", "tls": {
            "certificate": "server.pem", "key": "server.key"}}]
        self.token = site.add_caller("certification", rights=["search"])
        self.server = Serve(site, certificates.context())
        self.base = "https://localhost:" + self.server.urls[0].rsplit(":", 1)[1]

    def request(self, method, path, body=None, headers=None):
        return self.server.request(method, path, body, headers, self.token)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()
        self.folder.cleanup()


class Score:
    """Counts checks, and prints those that failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, name, actual, expected):
        """Whether both are the same; `expected` may be a predicate."""
        is_right = expected(actual) if callable(expected) else actual == expected
        if is_right:
            self.passed += 1
        else:
            self.failed += 1
            wanted = "" if callable(expected) else f"\n  expected {expected!r}"
            print(f"FAILED {name}{wanted}\n  got      {actual!r}")
        return is_right

    def finish(self):
        """The exit status."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
