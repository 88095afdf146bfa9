"""The hospital's policy tests (tests/*.test.yaml), as the built `wardlock run-tests` reads them."""
import dataclasses
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "src" / "cli"))

from program import run

EVERYDAY = "2026-11-23T12:00:00.000Z"  # the moment of the tests that are not about one


class CaseError(ValueError):
    pass


@dataclasses.dataclass
class Section:
    title: str
    file: str  # its stem, the concern
    requirements: list
    more_entities: list  # besides those of entities.json
    cases: list


@dataclasses.dataclass
class Case:
    name: str
    question: dict  # an AuthZEN request
    at: str | None  # only the command line can be asked about another time
    expected: dict

    @property
    def answer(self):
        return self.expected["decision"]

    @property
    def policies(self):
        return self.expected["policies"]

    def can_be_typed(self):
        """Whether `wardlock authorize` has a way to say all of it."""
        return not any(("properties" in self.question["subject"],
                        "properties" in self.question["resource"],
                        self.question.get("options", {}).keys() - {"authentication"}))

    def arguments(self):
        """For `wardlock authorize`, besides policies and entities."""
        context = dict(self.question["context"])
        if authentication := self.question.get("options", {}).get("authentication"):
            context["authentication"] = authentication
        if self.at:
            context["now"] = self.at
        uid = {role: f'{self.question[role]["type"]}::"{self.question[role]["id"]}"'
               for role in ("subject", "resource")}
        return ["--principal", uid["subject"], "--action",
                f'Action::"{self.question["action"]["name"]}"', "--resource", uid["resource"],
                "--context", json.dumps(context)]


def read_case(test):
    expected = {**test["expected"], "policies": sorted(test["expected"]["policies"])}
    if expected["cause"] == "override":
        expected["override"] = test["question"]["options"]["grant"]
    return Case(test["name"], test["question"], None if test["at"] == EVERYDAY else test["at"],
                expected)


def read_sections():
    """The sections of all the files, in the order in which docs/hospital.md tells of them."""
    result = run("run-tests", "--policies", HERE, "--json")
    if result.returncode != 0:
        raise CaseError(result.stdout + result.stderr)
    sections = []
    for suite in json.loads(result.stdout)["suites"]:
        file = pathlib.Path(suite["file"]).name.removesuffix(".test.yaml")
        for group in suite["groups"]:
            cases = [read_case(test) for test in suite["tests"] if test["group"] == group["name"]]
            sections.append(Section(group["name"], file, group["tags"],
                                    suite.get("more_entities", []), cases))
    return sections


def said_over_http(reply):
    """What a reply says, in the words of a test."""
    told = reply["context"]
    said = {"decision": "allow" if reply["decision"] else "deny", "cause": told["cause"],
            "policies": sorted(told.get("policies", [])),
            "obligations": told.get("obligations", []), "withheld": told.get("withheld", False),
            "override_possible": told.get("override_possible", False), "step_up": None}
    if "override" in told:
        said["override"] = told["override"]
    if step_up := told.get("step_up"):
        said["step_up"] = {"methods": [], **step_up}
    return said
