"""`wardlock serve` as an operator runs it: its configuration, certificates and callers; for the real
tests."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import threading
import time

from program import EVALUATION, LIMIT_S, WARDLOCK, exchange, run

POLICIES = '''
@id("views") @reason("staff may look")
permit (principal in Role::"Staff", action == Action::"view", resource);
@id("stops") permit (principal, action == Action::"stop", resource) when { context.rate > 5 };
'''
SCHEMA = '''
entity Role;
entity User in [Role];
entity Pump = { @source("request") speed?: Long };
action view, stop appliesTo { principal: User, resource: Pump, context: { rate: Long } };
'''
ENTITIES = [
    {"uid": {"type": "Role", "id": "Staff"}, "attrs": {}, "parents": []},
    {"uid": {"type": "User", "id": "ann"}, "attrs": {},
     "parents": [{"type": "Role", "id": "Staff"}]},
    {"uid": {"type": "Pump", "id": "p-7"}, "attrs": {}, "parents": []},
]
ALL = {"types": ["*"], "actions": ["*"], "attributes": ["*"]}


def new_token():
    """A token and its hash."""
    made = json.loads(run("token", "new", "--json").stdout)
    return made["token"], made["hash"]


def question(action="view", rate=9, principal="ann"):
    return {"subject": {"type": "User", "id": principal}, "action": {"name": action},
            "resource": {"type": "Pump", "id": "p-7"}, "context": {"rate": rate}}


def eventually(check, limit_s=60):
    """Waits until the check is true."""
    end = time.monotonic() + limit_s
    while not check():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.02)


class Certificates:
    """An authority of its own, and what it issues, as files of a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out",
                      "ca.pem", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True,
                              text=True)
        if done.returncode:
            raise AssertionError(done.stderr)

    def issue(self, name, san, usage):
        """`name`.pem and `name`.key."""
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={san}\nextendedKeyUsage={usage}\n"
                              "keyUsage=critical,digitalSignature\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                      "-CAcreateserial", "-days", "2", "-extfile", extensions.name, "-out",
                      f"{name}.pem")

    def context(self, client=None):
        """What a client trusts, and which certificate it shows."""
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        if client:
            context.load_cert_chain(self.folder / f"{client}.pem", self.folder / f"{client}.key")
        return context


class Site:
    """A folder with a configuration and all it names."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.config = {"listeners": [{"address": "127.0.0.1:0"}],
                       "policies": "policies", "entities": "entities.json", "callers": [],
                       "reload": {"interval": "100ms"}}
        self.write("policies/rules.cedar", POLICIES)
        self.write("policies/rules.cedarschema", SCHEMA)
        self.write("entities.json", ENTITIES)

    def write(self, name, content):
        """As careful tools do: whole, or not at all."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(path.name + ".draft")
        draft.write_text(content if isinstance(content, str) else json.dumps(content))
        os.replace(draft, path)
        return path

    def add_caller(self, identity, callers=None, **settings):
        """A caller with a token, which is returned."""
        token, hash_ = new_token()
        caller = {"id": identity, "tokens": [hash_], "scope": ALL, **settings}
        (self.config["callers"] if callers is None else callers).append(
            {key: value for key, value in caller.items() if value is not None})
        return token

    def save(self):
        return self.write("wardlock.yaml", self.config)  # JSON is YAML


class Serve:
    """A running `wardlock serve`; what it logs is in `lines`, as it comes."""

    def __init__(self, site, context=None, environment=None, reads_log=True):
        self.site = site
        self.context = context
        self.process = subprocess.Popen(
            [WARDLOCK, "serve", "--json", "--config", site.save()], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})})
        self.lines = []
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        if reads_log:
            self.reader.start()
        document = ""
        while not document.endswith("\n}\n"):
            line = self.process.stdout.readline()
            if not line:
                self.process.wait()
                raise AssertionError(f"it did not start: {document}{self.lines}")
            document += line
        said = json.loads(document)
        if "listening" not in said:
            self.process.wait()
            raise AssertionError(f"it did not start: {document}{self.lines}")
        self.urls = said["listening"]

    def _read_log(self):
        for line in self.process.stderr:
            self.lines.append(line)

    def events(self, name=None):
        found = [json.loads(line) for line in list(self.lines)]
        return [event for event in found if name in (None, event["event"])]

    def wait_for(self, name, count=1):
        eventually(lambda: len(self.events(name)) >= count)
        return self.events(name)[count - 1]

    def connect(self, listener=0, context=None):
        scheme, _, address = self.urls[listener].partition("://")
        host, port = address.rsplit(":", 1)
        if scheme == "http":
            connection = http.client.HTTPConnection(host, int(port), timeout=LIMIT_S)
        else:
            connection = http.client.HTTPSConnection("localhost", int(port), timeout=LIMIT_S,
                                                     context=context or self.context)
        return contextlib.closing(connection)

    def request(self, method, path, body=None, headers=None, token=None, **where):
        """Status, headers and text of the answer."""
        own = {"Authorization": f"Bearer {token}"} if token else {}
        with self.connect(**where) as connection:
            return exchange(connection, method, path, body, {**own, **(headers or {})})

    def ask(self, token=None, asked=None, base="", headers=None, **where):
        """Status and JSON of the answer to a question."""
        status, _, text = self.request(
            "POST", base + EVALUATION, json.dumps(asked or question()),
            {"Content-Type": "application/json", **(headers or {})}, token, **where)
        return status, json.loads(text)

    def decision(self, token, asked=None):
        status, reply = self.ask(token, asked)
        if status != 200:
            raise AssertionError((status, reply))
        return reply["decision"]

    def metrics(self, token):
        """Every sample, by its name and labels."""
        status, _, text = self.request("GET", "/metrics", token=token)
        if status != 200:
            raise AssertionError((status, text))
        return parse_exposition(text)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self, sent=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(sent)
        if not self.reader.ident:
            self.reader.start()
        status = self.process.wait(LIMIT_S)
        self.reader.join(LIMIT_S)
        self.process.stdout.close()
        self.process.stderr.close()
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def parse_exposition(text):
    """Prometheus' text format, read strictly. Fails on what a scraper might take otherwise."""
    import re
    name = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
    label = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
    sample = re.compile(rf"({name})(?:\{{({label}(?:,{label})*)?\}})? (-?[0-9.eE+-]+|[+-]Inf|NaN)")
    assert text.endswith("\n"), "the last line has no end"
    kinds, helps, samples = {}, {}, {}
    for line in text.splitlines():
        if match := re.fullmatch(rf"# HELP ({name}) (.+)", line):
            assert match[1] not in helps, f"two helps: {line}"
            helps[match[1]] = match[2]
        elif match := re.fullmatch(rf"# TYPE ({name}) (counter|gauge|histogram)", line):
            assert match[1] not in kinds, f"two types: {line}"
            kinds[match[1]] = match[2]
        else:
            match = sample.fullmatch(line)
            assert match, f"not a sample: {line}"
            family = re.sub(r"_(bucket|sum|count)$", "", match[1])
            kind = kinds.get(match[1]) or kinds.get(family)
            assert kind, f"a sample without a type: {line}"
            assert kind != "counter" or match[1].endswith("_total"), f"a counter's name: {line}"
            key = f"{match[1]}{{{match[2]}}}" if match[2] else match[1]
            assert key not in samples, f"a sample comes twice: {line}"
            samples[key] = float(match[3])
    assert set(kinds) == set(helps), "each family has a type and a help"
    return samples
