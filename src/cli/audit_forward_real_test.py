"""The audit log sent on to real receivers: rsyslog with TLS, HTTPS servers that verify signatures and
take FHIR; receivers and servers that die in between."""
import json
import os
import pathlib
import re
import signal
import tempfile
import time
import unittest

from audited import Crowd, exported
from program import run
from receivers import FhirServer, HttpsReceiver, Rsyslog, is_signed
from serving import Certificates, Serve, Site, eventually, question

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Forwarding(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(pathlib.Path(folder.name) / "site")
        (self.site.folder / "tls").mkdir()
        self.certificates = Certificates(self.site.folder / "tls")
        self.certificates.issue("siem", "DNS:localhost,IP:127.0.0.1", "serverAuth")
        self.certificates.issue("wardlock", "DNS:wardlock.example", "clientAuth")
        self.token = self.site.add_caller("gateway", rights=["explain", "metrics"])
        self.log = self.site.folder / "log"
        self.forward = {}
        self.site.config["audit"] = {"directory": "log", "segment": "1MiB", "immutable": False,
                                     "checkpoint_interval": "20ms", "forward": self.forward}

    def rsyslog(self, name="rsyslog", has_tls=True):
        receiver = Rsyslog(self.site.folder / name, self.certificates, has_tls).start()
        self.addCleanup(receiver.stop)
        return receiver

    def tls(self, **more):
        return {"ca": "tls/ca.pem", "certificate": "tls/wardlock.pem", "key": "tls/wardlock.key",
                **more}

    def serve(self):
        server = Serve(self.site)
        self.addCleanup(server.stop)
        return server

    def ask(self, server, count=5):
        for rate in range(count):
            server.decision(self.token, question(rate=rate))

    def metric(self, server, name, forwarder="siem"):
        samples = server.metrics(self.token)
        return samples[f'wardlock_audit_forward_{name}{{forwarder="{forwarder}"}}']

    def wait_until_sent(self, server, forwarder="siem"):
        eventually(lambda: self.metric(server, "lag", forwarder) == 0, 60)

    def events(self, *options):
        """What the log holds, without the numbers of records."""
        events = exported(self.log, *options)
        for event in events:
            del event["record"]
        return events


def without_repeats(events):
    """As a receiver that drops what it has."""
    seen, out = set(), []
    for event in events:
        if event["id"] not in seen:
            seen.add(event["id"])
            out.append(event)
    return out


class SyslogTest(Forwarding):
    def siem(self, receiver, **more):
        self.forward["siem"] = {
            "type": "syslog-tls", "address": f"127.0.0.1:{receiver.port}", "format": "ndjson",
            "persons": "open", "retry": {"longest_wait": "500ms"}, "tls": self.tls(), **more}

    def received(self, receiver):
        return [json.loads(each["message"]) for each in receiver.received()]

    def test_rsyslog_has_every_event_in_order_and_parsed(self):
        receiver = self.rsyslog()
        self.siem(receiver)
        with self.serve() as server:
            self.ask(server, 300)
            self.wait_until_sent(server)
        events = self.events()
        self.assertEqual(events[-1]["kind"], "service_stop", "what comes last is sent, too")
        eventually(lambda: len(receiver.received()) >= len(events))
        messages = receiver.received()
        self.assertEqual([json.loads(each["message"]) for each in messages], events)
        for message, event in zip(messages, events):
            self.assertEqual((message["version"], message["app"], message["kind"]),
                             ("1", "wardlock", event["kind"]))
            self.assertEqual((message["host"], message["process"]), (event["node"], "-"))
            self.assertEqual(int(message["facility"]), 10)
            self.assertIn(int(message["severity"]), (3, 4, 5, 6))
            self.assertIn(f'id="{event["id"]}"', message["data"])
            at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(event["time"] // 1000))
            self.assertTrue(message["time"].startswith(at), message["time"])

    def test_what_people_wrote_does_not_break_a_message(self):
        receiver = self.rsyslog()
        self.siem(receiver, format="line")
        hostile = 'x"] <85>1 \\ \u00e9\n17 <0>1 - - - - - -\u202e]'
        with self.serve() as server:
            server.decision(self.token, question())
            server.ask(self.token, question(principal=hostile))
            server.ask(self.token, {**question(), "context": {"rate": 9, "reason": hostile}})
            self.wait_until_sent(server)
        events = self.events()
        eventually(lambda: len(receiver.received()) >= len(events))
        messages = receiver.received()
        self.assertEqual(len(messages), len(events))
        for message, event in zip(messages, events):
            self.assertEqual(message["version"], "1")
            self.assertIn(f'id="{event["id"]}"', message["data"])

    def test_large_events_come_whole(self):
        receiver = self.rsyslog()
        self.siem(receiver)
        with self.serve() as server:
            server.ask(self.token, question(principal="p" * 20000))
            self.ask(server, 2)
            self.wait_until_sent(server)
        events = self.events()
        eventually(lambda: len(receiver.received()) >= len(events))
        self.assertEqual(self.received(receiver), events)

    def test_each_is_told_what_it_may_know(self):
        receiver = self.rsyslog()
        self.siem(receiver, persons="masked")
        self.forward["some"] = {"type": "file", "path": "some.ndjson", "persons": "sealed",
                                "select": {"kinds": ["decision"], "outcomes": ["failure"]}}
        with self.serve() as server:
            self.ask(server, 3)
            self.assertFalse(server.decision(self.token, question(principal="nobody")))
            self.wait_until_sent(server)
            self.wait_until_sent(server, "some")
            self.assertGreaterEqual(self.metric(server, "left_out_total", "some"), 4)
        masked = self.events("--masked")
        eventually(lambda: len(receiver.received()) >= len(masked))
        self.assertEqual(self.received(receiver), masked)
        lines = (self.site.folder / "some.ndjson").read_text().splitlines()
        self.assertEqual(len(lines), 1)
        self.assertNotIn("principal_id", json.loads(lines[0]))

    def test_plain_tcp_both_ways_of_telling_messages_apart(self):
        receiver = self.rsyslog(has_tls=False)
        self.siem(receiver, type="syslog-tcp", framing="octet-counting")
        del self.forward["siem"]["tls"]
        self.forward["lines"] = {**self.forward["siem"], "framing": "line-feed"}
        with self.serve() as server:
            self.ask(server, 20)
            self.wait_until_sent(server)
            self.wait_until_sent(server, "lines")
        events = self.events()
        eventually(lambda: len(receiver.received()) >= 2 * len(events))
        received = self.received(receiver)
        self.assertEqual(len(received), 2 * len(events))
        self.assertEqual({each["id"] for each in received}, {each["id"] for each in events})

    def test_nobody_else_is_sent_anything(self):
        receiver = self.rsyslog()
        other = self.site.folder / "other"
        other.mkdir()
        Certificates(other)  # another authority
        self.siem(receiver, tls=self.tls(ca="other/ca.pem"))
        self.forward["name"] = {**self.forward["siem"], "tls": self.tls(),
                                "server_name": "siem.example"}
        self.forward["stranger"] = {**self.forward["siem"], "tls": {"ca": "tls/ca.pem"}}
        with self.serve() as server:
            self.ask(server)
            eventually(lambda: all(self.metric(server, "failures_total", name) > 2
                                   for name in self.forward))
            self.assertEqual(self.metric(server, "failing"), 1)
            self.assertEqual(self.metric(server, "failing", "name"), 1)
            self.assertEqual(self.metric(server, "failing", "stranger"), 1)
            ready = json.loads(server.request("GET", "/readyz")[2])
            self.assertEqual(ready["status"], "ready", "decisions are none of its business")
            self.assertIn("audit_forward", ready)
            why = {event["forwarder"]: event["reason"]
                   for event in server.events("audit_forward_failing")}
        self.assertIn("certificate", why["siem"])
        self.assertIn("mismatch", why["name"])
        self.assertEqual(receiver.received(), [])

    def test_a_receiver_that_is_away_holds_nobody_up_and_misses_nothing(self):
        receiver = self.rsyslog()
        self.siem(receiver)
        receiver.stop()
        with self.serve() as server:
            begin = time.monotonic()
            self.ask(server, 100)
            self.assertLess(time.monotonic() - begin, 20)
            self.assertGreaterEqual(self.metric(server, "lag"), 100)
            server.wait_for("audit_forward_failing")
            receiver.start()
            self.wait_until_sent(server)
            server.wait_for("audit_forward_recovered")
            self.assertEqual(self.metric(server, "failing"), 0)
        events = self.events()
        eventually(lambda: len(without_repeats(self.received(receiver))) >= len(events))
        self.assertEqual(without_repeats(self.received(receiver)), events)

    breaks = 4

    def test_everybody_dies_now_and_then_and_nothing_is_lost(self):
        receiver = self.rsyslog()
        self.siem(receiver)
        for turn in range(self.breaks):
            server = self.serve()
            crowd = Crowd(server, self.token)
            time.sleep(0.4)
            receiver.process.send_signal(signal.SIGSTOP)  # its machine confirms, and it reads none
            time.sleep(0.2)
            receiver.stop(signal.SIGKILL)
            if turn % 2:
                receiver.start()
                time.sleep(0.4)
            server.stop(signal.SIGKILL)
            crowd.stop()
            if not turn % 2:
                receiver.start()
        with self.serve() as server:
            self.wait_until_sent(server)
        events = self.events()
        self.assertGreater(len(events), 50 * self.breaks, "hardly anything was asked")
        eventually(lambda: len(without_repeats(self.received(receiver))) >= len(events), 60)
        self.assertEqual([each["id"] for each in without_repeats(self.received(receiver))],
                         [each["id"] for each in events])
        self.assertEqual(run("audit", "verify", self.log).returncode, 0)

    def test_a_log_that_was_put_back_is_noticed(self):
        receiver = self.rsyslog()
        self.siem(receiver)
        with self.serve() as server:
            self.ask(server)
            self.wait_until_sent(server)
        place = self.log / "forward/siem/place"
        kept = place.read_text()
        position = json.loads(kept)["position"]
        self.assertEqual(position, len(self.events()))
        place.write_text(kept.replace(f'"position":{position}', f'"position":{position + 100}'))
        with self.serve() as server:
            why = server.wait_for("audit_forward_failing")["reason"]
            self.assertIn("the log ends before what was sent", why)
            self.assertTrue(server.decision(self.token))
            place.unlink()
            server.wait_for("audit_forward_recovered")


class HttpTest(Forwarding):
    def receiver(self, kind=HttpsReceiver):
        receiver = kind(self.certificates)
        self.addCleanup(receiver.stop)
        return receiver

    def webhook(self, receiver, **more):
        secret = self.site.write("secret", SECRET + "\n")
        os.chmod(secret, 0o600)
        self.forward["siem"] = {"type": "webhook", "url": receiver.url("/hook"), "secret": "secret",
                                "persons": "open", "retry": {"longest_wait": "100ms"},
                                "tls": {"ca": "tls/ca.pem"}, **more}

    def test_a_webhook_is_signed_and_comes_again_until_it_is_taken(self):
        receiver = self.receiver()
        self.webhook(receiver)
        receiver.status = 503
        with self.serve() as server:
            self.ask(server, 30)
            server.wait_for("audit_forward_failing")
            receiver.status = 204
            self.wait_until_sent(server)
        taken = receiver.all_taken()
        self.assertEqual([json.loads(body) for _, _, body in taken], self.events())
        for path, headers, body in taken:
            self.assertEqual(path, "/hook")
            self.assertEqual(headers["webhook-id"], json.loads(body)["id"])
            self.assertTrue(is_signed(headers, body, SECRET))
            self.assertFalse(is_signed(headers, body + " ", SECRET))

    def test_a_secret_is_replaced_without_a_pause(self):
        receiver = self.receiver()
        self.webhook(receiver)
        newer = "whsec_" + "QUJD" * 8
        with self.serve() as server:
            self.ask(server, 3)
            self.wait_until_sent(server)
            self.site.write("secret", f"{newer}\n{SECRET}\n")
            receiver.status = 401  # whatever fails, files are read anew
            self.ask(server, 3)
            eventually(lambda: self.metric(server, "failures_total") > 0)
            receiver.status = 200
            self.wait_until_sent(server)
        _, headers, body = receiver.all_taken()[-1]
        self.assertTrue(is_signed(headers, body, newer) and is_signed(headers, body, SECRET))

    def test_an_event_that_is_refused_is_listed_and_the_others_come(self):
        for batch in (1, 7):
            with self.subTest(batch=batch):
                receiver = self.receiver()
                self.webhook(receiver, batch=batch, retry={"tries": 2, "longest_wait": "50ms"})
                self.site.config["audit"]["directory"] = f"log{batch}"
                self.log = self.site.folder / f"log{batch}"
                receiver.refuse = lambda text: '"action":"stop"' in text
                with self.serve() as server:
                    self.ask(server, 10)
                    server.decision(self.token, question("stop"))
                    self.ask(server, 10)
                    self.wait_until_sent(server)
                    self.assertEqual(self.metric(server, "set_aside_total"), 1)
                    told = server.events("audit_forward_set_aside")
                events = self.events()
                stop = next(each for each in events if each.get("action") == "stop")
                taken = [json.loads(line) for _, _, body in receiver.all_taken()
                         for line in body.splitlines()]
                self.assertEqual(taken, [each for each in events if each != stop])
                listed = [json.loads(line) for line in
                          (self.log / "forward/siem/set-aside.ndjson").read_text().splitlines()]
                self.assertEqual([each["id"] for each in listed], [stop["id"]])
                self.assertEqual(listed[0]["reason"], "the receiver answers 422")
                self.assertEqual([each["record"] for each in told], [listed[0]["record"]])

    def test_fhir_comes_one_by_one_and_in_bundles(self):
        for batch in (1, 10):
            with self.subTest(batch=batch):
                receiver = self.receiver(FhirServer)
                self.forward["siem"] = {"type": "fhir", "url": receiver.url("/r4"), "batch": batch,
                                        "persons": "open", "tls": {"ca": "tls/ca.pem"}}
                self.site.config["audit"]["directory"] = f"log{batch}"
                self.log = self.site.folder / f"log{batch}"
                with self.serve() as server:
                    self.ask(server, 25)
                    self.wait_until_sent(server)
                resources = []
                for path, headers, body in receiver.all_taken():
                    self.assertTrue(headers["Content-Type"].startswith("application/fhir+json"))
                    sent = json.loads(body)
                    is_bundle = sent["resourceType"] == "Bundle"
                    self.assertEqual(path, "/r4" if is_bundle else "/r4/AuditEvent")
                    resources += ([each["resource"] for each in sent["entry"]] if is_bundle
                                  else [sent])
                self.assertEqual({each["resourceType"] for each in resources}, {"AuditEvent"})
                events = self.events()
                self.assertEqual(len(resources), len(events))
                for resource, event in zip(resources, events):
                    self.assertIn(event["id"], json.dumps(resource))

    def test_a_token_and_no_redirect(self):
        receiver = self.receiver()
        self.webhook(receiver, token="token")
        self.site.write("token", "abc.def\n")
        receiver.status = 307
        with self.serve() as server:
            self.ask(server, 2)
            server.wait_for("audit_forward_failing")
            receiver.status = 200
            self.wait_until_sent(server)
            lines = "".join(server.lines)
        self.assertEqual({headers["Authorization"] for _, headers, _ in receiver.all_taken()},
                         {"Bearer abc.def"})
        for secret in ("abc.def", SECRET):
            self.assertNotIn(secret, lines)
            self.assertNotIn(secret, run("config", "show", "--config", self.site.save()).stdout)

    def test_a_receiver_that_never_answers_does_not_keep_the_server_from_stopping(self):
        receiver = self.receiver()
        self.webhook(receiver)
        with receiver.lock:  # its answers wait for that
            server = self.serve()
            self.ask(server, 2)
            begin = time.monotonic()
            server.stop()
            self.assertLess(time.monotonic() - begin, 10)


class FileTest(Forwarding):
    def test_lines_of_every_format_and_a_number_on_what_is_full(self):
        for name in ("line", "ndjson", "syslog", "cef", "ocsf", "fhir", "dicom"):
            self.forward[name] = {"type": "file", "path": f"out/{name}", "format": name,
                                  "persons": "open"}
        self.forward["ndjson"]["size"] = "4KiB"
        (self.site.folder / "out").mkdir()
        with self.serve() as server:
            self.ask(server, 40)
            for name in self.forward:
                self.wait_until_sent(server, name)
        events = self.events()
        for name in self.forward:
            files = sorted((self.site.folder / "out").glob(f"{name}.*"))
            files.append(self.site.folder / "out" / name)
            lines = [line for each in files for line in each.read_text().splitlines()]
            self.assertEqual(len(lines), len(events), name)
            for line, event in zip(lines, events):
                if name != "line":  # which is for people
                    self.assertIn(event["id"], line, name)
        numbered = sorted((self.site.folder / "out").glob("ndjson.*"))
        self.assertGreater(len(numbered), 2)
        for path in numbered:
            self.assertTrue(re.fullmatch(r"ndjson\.\d{20}", path.name))


class CheckTest(Forwarding):
    def assert_unsound(self, why, **forwarder):
        self.forward["siem"] = forwarder
        checked = run("config", "check", "--config", self.site.save())
        self.assertNotEqual(checked.returncode, 0, why)
        self.assertIn(why, checked.stderr)

    def test_what_it_names_must_be_there(self):
        url = {"url": "https://siem.example/"}
        self.site.write("secret", SECRET)
        self.site.write("bad", "hunter2")
        self.assert_unsound("`tls/none.pem`".replace("tls/", f"{self.site.folder}/tls/"),
                            type="fhir", **url, tls={"ca": "tls/none.pem"})
        self.assert_unsound("cannot be read", type="webhook", **url, secret="none")
        self.assert_unsound("is no secret of a webhook", type="webhook", **url, secret="bad")
        self.assert_unsound("cannot be read", type="webhook", **url, secret="secret", token="none")
        self.forward["siem"] = {"type": "webhook", **url, "secret": "secret"}
        checked = run("config", "check", "--config", self.site.save())
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.forward["siem"]["secret"] = "bad"
        started = run("serve", "--config", self.site.save())
        self.assertNotEqual(started.returncode, 0)
        self.assertIn("audit.forward.siem", started.stderr)
        self.assertNotIn("hunter2", started.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
