"""The built program, run as a user runs it; for the real tests."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WARDLOCK = os.environ.get("WARDLOCK") or str(ROOT / "build" / "release" / "bin" / "wardlock")
HOSPITAL = ROOT / "policies" / "hospital"
DECISION_CASES = ROOT / "src" / "cedar" / "testdata" / "decisions.case"
EVALUATION = "/access/v1/evaluation"
LIMIT_S = 60  # only to end a test that hangs


def run(*arguments, stdin="", cwd=None, env=None):
    """The finished process, with text in `stdout` and `stderr`."""
    return subprocess.run([WARDLOCK, *map(str, arguments)], input=stdin, cwd=cwd, text=True,
                          env={**os.environ, **(env or {})}, capture_output=True,
                          timeout=LIMIT_S)


class ProgramTest(unittest.TestCase):
    """Runs the program in a folder of its own."""
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return name

    def run_here(self, *arguments, **options):
        return run(*arguments, cwd=self.folder, **options)

    def assert_prints(self, text, *arguments, code=0, **options):
        """Text to standard output and nothing to standard error."""
        result = self.run_here(*arguments, **options)
        self.assertEqual((result.returncode, result.stderr), (code, ""), result.stdout)
        self.assertEqual(result.stdout, text)

    def json_of(self, *arguments, code=0, **options):
        """The one document that `--json` prints."""
        result = self.run_here(*arguments, "--json", **options)
        self.assertEqual((result.returncode, result.stderr), (code, ""), result.stdout)
        return json.loads(result.stdout)

    def assert_fails(self, parts, *arguments, code=1, **options):
        """Standard error has each of the parts; standard output is empty, and with `--json` holds
        the same in one document."""
        parts = [parts] if isinstance(parts, str) else parts
        result = self.run_here(*arguments, **options)
        self.assertEqual((result.returncode, result.stdout), (code, ""), result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)
        self.assertNotIn("\033", result.stderr)
        document = self.json_of(*arguments, code=code, **options)
        self.assertEqual(len(document), 1)
        if "error" in document:
            self.assertIn(document["error"]["message"], result.stderr)
        else:
            for diagnostic in document["diagnostics"]:
                self.assertIn(diagnostic["message"], result.stderr)
        return document


def console_steps(document):
    """(command, what it prints) for each line that begins with `$ ` in a console block."""
    for block in re.findall(r"```console\n(.*?)```", document.read_text(), re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = step.partition("\n")
            yield command, printed


def pattern_of(printed):
    """What a document says is printed: `…` stands for anything in a line, and as a line of its own
    for any lines."""
    lines = [r"(?:.*\n)*" if line.strip() == "…" else re.escape(line).replace("…", ".+") + r"\n"
             for line in printed.splitlines()]
    return "".join(lines)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def assert_console_steps(test, name):
    """Runs the commands of a document of docs/ in the test's folder, in their order: they print what
    it says. Returns how many there are."""
    path = f"{pathlib.Path(WARDLOCK).resolve().parent}:{os.environ['PATH']}"
    commands = 0
    for command, printed in console_steps(ROOT / "docs" / name):
        with test.subTest(command):
            result = subprocess.run(command, shell=True, cwd=test.folder, text=True, timeout=LIMIT_S,
                                    env=dict(os.environ, PATH=path), stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, check=False)
            test.assertEqual(result.stdout, printed)
            commands += 1
    return commands


class Pdp:
    """`wardlock pdp` on a free port."""

    def __init__(self, *arguments, cwd=None):
        self.process = subprocess.Popen(
            [WARDLOCK, "pdp", "--json", "--listen", "127.0.0.1:0", *map(str, arguments)], cwd=cwd,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        document = ""
        # The document ends with the first line that begins with a brace again.
        while not document.endswith("\n}\n"):
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError("the PDP did not start: " + document + self.stop()[1])
            document += line
        self.started = json.loads(document)
        self.port = int(self.started["listening"].rsplit(":", 1)[1])

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)
        return contextlib.closing(connection)

    def request(self, method, path, body=None, headers=None):
        """Status, headers and text of the answer."""
        with self.connect() as connection:
            return exchange(connection, method, path, body, headers)

    def ask(self, question, headers=None):
        """Status and JSON of the answer to a question."""
        body = question if isinstance(question, str) else json.dumps(question)
        status, _, text = self.request("POST", EVALUATION, body,
                                       {"Content-Type": "application/json", **(headers or {})})
        return status, json.loads(text)

    def stop(self):
        """The exit status and what was written to standard error."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            _, errors = self.process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode, errors

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def exchange(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    return response.status, response.headers, response.read().decode()


def question(principal, action, resource, context=None, **more):
    """An AuthZEN question; principal and resource are pairs of type and id."""
    asked = {"subject": {"type": principal[0], "id": principal[1]}, "action": {"name": action},
             "resource": {"type": resource[0], "id": resource[1]}, **more}
    return asked if context is None else {**asked, "context": context}


def decision_cases():
    """The sections of decisions.case: policies, entities, and
    (principal, action, resource, context, decision, policies, errors) for each decision."""
    sections, name = {}, None
    for line in DECISION_CASES.read_text().splitlines():
        if line.startswith("=== "):
            name = line[4:]
            sections[name] = []
        elif name:
            sections[name].append(line)
    decisions = []
    for line in filter(None, sections["decisions"]):
        asked, answer = line.rsplit(" => ", 1)
        answer, _, errors = answer.partition("; errors ")
        decision, *policies = answer.split()
        decisions.append((*asked.split(", ", 3), decision, policies, errors.split()))
    return "\n".join(sections["policies"]), "\n".join(sections["entities"]), decisions
