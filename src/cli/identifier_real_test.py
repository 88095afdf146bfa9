"""`wardlock udi check` and `identifier check`: as docs/identifiers.md shows them, and UDIs beside zint,
which makes labels."""
import random
import re
import string
import subprocess
import unittest

import program
from program import ProgramTest, run

GS1_CHARACTERS = string.ascii_letters + string.digits + "!\"%&'*+,-./:;<=>?_"


def zint(data, *symbology):
    """What zint draws, and its complaints: empty when it has nothing against the data."""
    made = subprocess.run(["zint", "-b", *symbology, "--direct", "--filetype=svg", "-d", data],
                          capture_output=True, text=True, timeout=program.LIMIT_S)
    return made.stdout, made.stderr


def label(rng):
    """The elements of a label, right or wrong: (application identifier, value)."""
    digits = lambda count: "".join(rng.choice(string.digits) for _ in range(count))
    gtin = digits(13)
    check = -sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(gtin)) % 10
    elements = [("01", gtin + (str(check) if rng.random() < 0.7 else digits(1)))]
    for identifier in rng.sample(["11", "17", "10", "21", "240", "20", "8012", "30"], rng.randrange(4)):
        if identifier in ("11", "17"):
            value = digits(2) + f"{rng.randrange(14):02}{rng.randrange(33):02}"
        elif identifier == "20":
            value = digits(2)
        elif identifier == "30":
            value = digits(rng.randrange(1, 9))
        else:
            value = "".join(rng.choice(GS1_CHARACTERS) for _ in range(rng.randrange(1, 23)))
        elements.append((identifier, value))
    return elements


class UdiTest(ProgramTest):
    def test_prints_what_the_document_says(self):
        self.assertEqual(program.assert_console_steps(self, "identifiers.md"), 8)

    def test_json(self):
        wrong, sound = "(01)09506000134353", "09506000134352"
        document = self.json_of("udi", "check", wrong, sound, code=1)
        self.assertEqual([each["valid"] for each in document["results"]], [False, True])
        self.assertEqual(document["results"][0]["errors"][0]["column"], 18)
        self.assertEqual(document["results"][1], {
            "text": sound, "valid": True, "agency": "GS1", "udi": "(01)" + sound,
            "device_identifier": sound,
            "parts": [{"kind": "device_identifier", "mark": "(01)", "name": "GTIN", "value": sound}]})

    def test_a_scanners_separator(self):
        scanned = "]d2010950600013435217270228" + "10A1\x1d21S2"
        self.assertEqual(self.json_of("udi", "check", scanned)["results"][0]["udi"],
                         "(01)09506000134352(17)270228(10)A1(21)S2")

    def test_no_text_is_a_mistake(self):
        self.assert_fails("required", "udi", "check")

    def test_identifiers(self):
        document = self.json_of("identifier", "check", "userName", "Nurse1", "nursel", "a b", code=1)
        first, second, third = document["results"]
        self.assertEqual((first["form"], second["form"]), ("nurse1", "nursel"))
        self.assertEqual(first["looks_like"], second["looks_like"])
        self.assertEqual((third["valid"], third["errors"][0]["column"]), (False, 2))
        self.assert_fails("`npy` is not one of", "identifier", "check", "npy", "1")
        self.assert_fails("required", "identifier", "check", "npi")

    def test_gs1_as_zint_judges(self):
        rng = random.Random(7)
        labels = [label(rng) for _ in range(120)]
        texts = ["".join(f"({identifier}){value}" for identifier, value in each) for each in labels]
        results = self.json_of("udi", "check", *texts, code=1)["results"]
        judged = {True: 0, False: 0}
        for elements, text, result in zip(labels, texts, results):
            _, complaint = zint("".join(f"[{identifier}]{value}" for identifier, value in elements),
                                "DATAMATRIX", "--gs1")
            with self.subTest(text, complaint=complaint, errors=result.get("errors")):
                # zint knows no calendar: 31 days are in every month
                days = [error for error in result.get("errors", []) if "has no day" in error["message"]]
                if not days:
                    self.assertEqual(result["valid"], complaint == "")
                judged[result["valid"]] += 1
        self.assertGreater(min(judged.values()), 20)

    def test_hibc_as_zint_makes_it(self):
        rng = random.Random(11)
        for _ in range(30):
            body = rng.choice(string.ascii_uppercase) + "".join(
                rng.choice(string.ascii_uppercase + string.digits) for _ in range(rng.randrange(4, 22)))
            body += rng.choice(string.digits)
            if rng.random() < 0.6:
                body += rng.choice(["/$$7LOT", "/$LOT", "/$$3270228LOT", "/$+77/16D20250102"])
            drawn, complaint = zint(body, "HIBC_128")
            self.assertEqual(complaint, "")
            printed = re.search(r">\s*\*(\+[^<]*)\*\s*<", drawn).group(1)
            with self.subTest(printed):
                result = run("udi", "check", f"*{printed}*")
                self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
