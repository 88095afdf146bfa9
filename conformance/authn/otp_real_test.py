"""oathtool's codes are taken, its reused ones are not; and a QR code holds what it should.

AUTHN_PEER names the program that answers (peer.cc).
"""
import base64
import json
import os
import re
import subprocess
import tempfile
import unittest
import urllib.parse

NOW = 1_795_000_005
PERIOD = 30


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Peer:
    """The program, asked a question a line."""

    def __init__(self):
        self.process = subprocess.Popen([os.environ["AUTHN_PEER"]], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, what, **question):
        self.process.stdin.write(json.dumps({"do": what, **question}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def oathtool(secret, *options):
    output = subprocess.run(["oathtool", *options, secret.hex()], check=True, capture_output=True,
                            text=True).stdout
    return output.split()


class OtpTest(unittest.TestCase):
    def setUp(self):
        self.peer = Peer()
        self.addCleanup(self.peer.close)

    def totp(self, secret, code, now=NOW, last=None, algorithm="SHA1", digits=6, period=PERIOD):
        return self.peer.ask("totp", secret=b64url(secret), code=code, now=now, last=last,
                             algorithm=algorithm, digits=digits, period=period)["step"]

    def test_codes_of_oathtool_are_taken_once(self):
        for algorithm in ("SHA1", "SHA256", "SHA512"):
            for digits in (6, 7, 8):
                for period in (30, 60):
                    secret = os.urandom(20)
                    options = [f"--totp={algorithm.lower()}", f"--digits={digits}",
                               f"--time-step-size={period}s", f"--now=@{NOW}"]
                    code, = oathtool(secret, *options)
                    form = {"algorithm": algorithm, "digits": digits, "period": period}
                    step = self.totp(secret, code, **form)
                    self.assertEqual(step, NOW // period, form)
                    self.assertIsNone(self.totp(secret, code, last=step, **form))
                    self.assertIsNone(self.totp(os.urandom(20), code, **form))

    def test_a_clock_may_be_off_by_one_period(self):
        secret = os.urandom(20)
        for off in range(-4, 5):
            code, = oathtool(secret, "--totp", f"--now=@{NOW + off * PERIOD}")
            step = self.totp(secret, code)
            self.assertEqual(step, NOW // PERIOD + off if abs(off) <= 1 else None, off)

    def test_a_tokens_button_may_be_pressed_in_vain(self):
        secret = os.urandom(20)
        codes = oathtool(secret, "--hotp", "--counter=5", "--window=20")
        ask = {"secret": b64url(secret), "algorithm": "SHA1", "digits": 6, "period": 30}
        for place, code in enumerate(codes):
            answer = self.peer.ask("hotp", code=code, counter=5, **ask)["counter"]
            self.assertEqual(answer, 5 + place + 1 if place <= 10 else None, place)
        self.assertIsNone(self.peer.ask("hotp", code=codes[0], counter=6, **ask)["counter"])

    def test_the_qr_code_holds_the_uri(self):
        secret = os.urandom(20)
        answer = self.peer.ask("enrol", secret=b64url(secret), issuer="Wardlock St. Mary",
                               account="m\u00e9d@ward", algorithm="SHA1", digits=6, period=30)
        with tempfile.NamedTemporaryFile(suffix=".pgm") as picture:
            picture.write(to_picture(answer["svg"]))
            picture.flush()
            read = subprocess.run(["zbarimg", "--quiet", "--raw", picture.name], check=True,
                                  capture_output=True, text=True).stdout.rstrip("\n")
        self.assertEqual(read, answer["uri"])
        uri = urllib.parse.urlsplit(read)
        said = urllib.parse.parse_qs(uri.query)
        self.assertEqual((uri.scheme, uri.netloc), ("otpauth", "totp"))
        self.assertEqual(urllib.parse.unquote(uri.path), "/Wardlock St. Mary:m\u00e9d@ward")
        self.assertEqual(base64.b32decode(said["secret"][0]), secret)
        # What the app would make of it is taken.
        code, = oathtool(base64.b32decode(said["secret"][0]), "--totp", f"--now=@{NOW}")
        self.assertEqual(self.totp(secret, code), NOW // PERIOD)


def to_picture(svg, scale=4):
    """The squares of the SVG as a grey picture (PGM)."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    rows = [[255] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+),(\d+)h(\d+)v1h-\d+z", svg):
        for column in range(int(x), int(x) + int(width)):
            rows[int(y)][column] = 0
    pixels = bytearray()
    for row in rows:
        line = bytes(value for value in row for _ in range(scale))
        pixels += line * scale
    return f"P5 {size * scale} {size * scale} 255\n".encode() + bytes(pixels)


if __name__ == "__main__":
    unittest.main()
