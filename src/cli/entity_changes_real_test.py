"""What answers while the entities of a running server change all the time, and now and then its
policies: each from one version, and every one."""
import contextlib
import json
import tempfile
import threading
import unittest

from program import EVALUATION
from serving import Serve, Site

USERS = 60
CONNECTIONS = 4
SCHEMA = """
entity Team;
entity User in [Team] = { shift: Long, bits: Set<Long> };
entity Pump = { shift: Long };
action view appliesTo { principal: User, resource: Pump };
"""


def policies(generation):
    """Which of them permit tells the version of the entities and the generation of the policies.
    Entities of two versions together are denied."""
    rules = [("forbid", "mixed", "principal has shift && principal.shift != resource.shift"),
             ("permit", "same", "principal has shift && principal.shift == resource.shift")]
    rules += [("permit", f"bit{i}", f"principal has bits && principal.bits.contains({i})") for i in range(4)]
    rules += [("permit", f"team{i}", f'principal in Team::"t{i}"') for i in range(3)]
    return "".join(f'@id("{name}-{generation}") {effect} (principal, action == Action::"view", resource) '
                   f"when {{ {condition} }};\n" for effect, name, condition in rules)


def uid(type_, id_):
    return {"type": type_, "id": id_}


def is_away(user, version):
    return user == version % USERS


def entities(version, litter_bytes=0):
    """One in ten users is as in the version before, but for who is away."""
    def user(i):
        shift = version if i % 10 == 0 else 0
        return {"uid": uid("User", f"u{i}"), "attrs": {"shift": shift, "bits": bits_of(shift)},
                "parents": [uid("Team", f"t{shift % 3}")]}
    pumps = [{"uid": uid("Pump", f"p{name}"), "attrs": {"shift": shift}, "parents": []}
             for name, shift in (("new", version), ("old", 0))]
    litter = [uid("Team", f"{version}-" + "x" * litter_bytes)] if litter_bytes else []
    return pumps + [{"uid": each, "attrs": {}, "parents": []} for each in litter] + [
        user(i) for i in range(USERS) if not is_away(i, version)]


def bits_of(version):
    return [i for i in range(4) if version >> i & 1]


def question(user):
    """About the pump of the same shift."""
    return {"subject": uid("User", f"u{user}"), "action": {"name": "view"},
            "resource": uid("Pump", "pnew" if user % 10 == 0 else "pold")}


def expected(user, version, generation):
    """The policies that permit."""
    if is_away(user, version):
        return []
    shift = version if user % 10 == 0 else 0
    names = ["same", f"team{shift % 3}"] + [f"bit{i}" for i in bits_of(shift)]
    return sorted(f"{name}-{generation}" for name in names)


class Client:
    """Asks on a connection of its own until it is told to stop."""

    def __init__(self, server, token, first_user, is_done):
        self.server = server
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        self.user = first_user
        self.is_done = is_done
        self.answers = []  # user, status, reply
        self.fault = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            with self.server.connect() as connection:
                while not self.is_done.is_set():
                    self.ask(connection)
        except Exception as fault:  # pylint: disable=broad-except
            self.fault = fault

    def ask(self, connection):
        # Those that change each time every other time.
        self.user = (self.user + 5) % USERS if self.user % 10 else (self.user + 7) % USERS
        connection.request("POST", EVALUATION, json.dumps(question(self.user)), self.headers)
        reply = connection.getresponse()
        self.answers.append((self.user, reply.status, json.loads(reply.read())))


class EntityChangesTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(folder.name)
        self.site.config["reload"]["interval"] = "50ms"
        self.site.write("policies/rules.cedarschema", SCHEMA)
        self.site.write("policies/rules.cedar", policies(0))
        self.site.write("entities.json", entities(0))
        self.token = self.site.add_caller("gate", rights=["metrics"])
        self.made = {1: (0, 0)}  # version and generation by revision
        self.policy_sets = {}  # by generation
        self.generation = 0

    def start(self):
        server = Serve(self.site)
        self.addCleanup(server.stop)
        loaded = server.wait_for("policies_loaded")
        self.assertEqual(loaded["revision"], 1)
        self.policy_sets[0] = loaded["policy_set"]
        return server

    @contextlib.contextmanager
    def asking(self, server):
        is_done = threading.Event()
        clients = [Client(server, self.token, i, is_done) for i in range(CONNECTIONS)]
        try:
            yield clients
        finally:
            is_done.set()
            for client in clients:
                client.thread.join()

    def change(self, server, version, is_of_policies=False, litter_bytes=0):
        """Returns what the server logs of it."""
        count = len(server.events("policies_loaded"))
        if is_of_policies:
            self.generation += 1
            self.site.write("policies/rules.cedar", policies(self.generation))
        else:
            self.site.write("entities.json", entities(version, litter_bytes))
        loaded = server.wait_for("policies_loaded", count + 1)
        self.made[loaded["revision"]] = (version, self.generation)
        self.policy_sets.setdefault(self.generation, loaded["policy_set"])
        self.assertEqual(self.policy_sets[self.generation], loaded["policy_set"])
        return loaded

    def check(self, clients):
        """That each answer is what the version it names gives, and that nobody was sent back."""
        versions_seen = set()
        for client in clients:
            self.assertIsNone(client.fault)
            last = 0
            for user, status, reply in client.answers:
                self.assertEqual(status, 200, reply)
                context = reply["context"]
                version, generation = self.made[context["revision"]]
                permits = expected(user, version, generation)
                self.assertEqual(sorted(context.get("policies", [])), permits, (user, version, reply))
                self.assertEqual(reply["decision"], bool(permits))
                self.assertEqual(context["policy_set"], self.policy_sets[generation])
                self.assertGreaterEqual(context["revision"], last)
                last = context["revision"]
                versions_seen.add(last)
            self.assertGreater(len(client.answers), len(self.made))
        self.assertGreater(len(versions_seen), len(self.made) * 2 // 3)

    def test_each_answer_is_of_one_version(self):
        server = self.start()
        kept = []
        with self.asking(server) as clients:
            for version in range(1, 21):
                kept.append(self.change(server, version)["policies_kept"])
                if version % 7 == 0:
                    self.assertFalse(self.change(server, version, is_of_policies=True)["policies_kept"])
        self.check(clients)
        self.assertEqual(kept, [True] * 20)
        samples = server.metrics(self.token)
        self.assertEqual(samples['wardlock_reloads_total{what="policies",result="ok"}'], 22)
        self.assertEqual(samples['wardlock_reloads_total{what="policies",result="failed"}'], 0)
        self.assertEqual(server.stop(), 0)

    def test_what_is_not_used_any_more_is_left_behind_unnoticed(self):
        """A store copies itself when most uids it ever had are unused, and policies are compiled
        for the copy."""
        server = self.start()
        kept = []
        with self.asking(server) as clients:
            for version in range(1, 11):
                kept.append(self.change(server, version, litter_bytes=200_000)["policies_kept"])
        self.check(clients)
        self.assertIn(False, kept)
        self.assertIn(True, kept)
        self.assertEqual(server.stop(), 0)

    def test_refused_entities_change_no_answer(self):
        server = self.start()
        with self.asking(server) as clients:
            for version in range(1, 7):
                self.change(server, version)
                wrong = entities(version + 1)
                wrong[-1]["attrs"]["shift"] = "late"
                self.site.write("entities.json", wrong)
                server.wait_for("policies_refused", version)
        self.check(clients)
        self.assertEqual(max(self.made), 7)


if __name__ == "__main__":
    unittest.main()
