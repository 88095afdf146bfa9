"""Reads the cases of cases/*.txt; cases/README.md describes their format."""
import dataclasses
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
SECTION = re.compile(r"## (?P<title>.*) \[(?P<requirements>[AB0-9 ]+)\]$")


class CaseError(ValueError):
    pass


@dataclasses.dataclass
class Section:
    title: str
    file: str  # its stem, the concern
    requirements: list
    cases: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Entity:
    type: str
    id: str
    properties: dict

    def uid(self):
        return f'{self.type}::"{self.id}"'

    def described(self):
        plain = {"type": self.type, "id": self.id}
        return {**plain, "properties": self.properties} if self.properties else plain


@dataclasses.dataclass
class Circumstances:
    context: dict
    authentication: dict | None = None
    obligations: list = dataclasses.field(default_factory=list)
    grant: str | None = None
    at: str | None = None  # only the command line can be asked about another time


@dataclasses.dataclass
class Case:
    line: str
    who: Entity
    action: str
    what: Entity
    circumstances: Circumstances
    answer: str
    says: list  # the cause, and what else the reply says; sorted
    policies: list  # sorted

    def question(self):
        """As an AuthZEN request."""
        told = self.circumstances
        options = {"authentication": told.authentication, "obligations": told.obligations,
                   "grant": told.grant}
        return {"subject": self.who.described(), "action": {"name": self.action},
                "resource": self.what.described(), "context": told.context,
                "options": {key: value for key, value in options.items() if value}}

    def can_be_typed(self):
        """Whether the command line has a way to say all of it."""
        told = self.circumstances
        return not (self.who.properties or self.what.properties or told.grant or told.obligations)

    def arguments(self):
        """For `wardlock authorize`, besides policies and entities."""
        told = self.circumstances
        context = dict(told.context)
        if told.authentication:
            context["authentication"] = told.authentication
        if told.at:
            context["now"] = told.at
        return ["--principal", self.who.uid(), "--action", f'Action::"{self.action}"',
                "--resource", self.what.uid(), "--context", json.dumps(context)]


def read_entity(text):
    kind, name, *properties = text.split(" ", 2)
    return Entity(kind, name, json.loads(properties[0]) if properties else {})


def read_context(text, names):
    context = {}
    for part in text.split(" + "):
        if part.startswith("{"):
            context |= json.loads(part)
        elif part in names:
            context |= names[part]
        else:
            raise CaseError(f"no `let {part} = …` before it")
    return context


def read_circumstances(text, names):
    told = Circumstances({})
    for part in text.split("; ") if text != "-" else []:
        words = part.split(" ")
        if part.startswith("signed in "):
            told.authentication = {"level": int(words[2]), "methods": words[3:]}
        elif words[0] == "fulfils":
            told.obligations = words[1:]
        elif words[0] == "grant":
            told.grant = words[1]
        elif words[0] == "at":
            told.at = words[1]
        else:
            told.context = read_context(part, names)
    return told


def read_case(line, names):
    columns = line.split(" | ")
    if len(columns) != 7:
        raise CaseError(f"{len(columns)} columns in place of 7")
    who, action, what, circumstances, answer, says, policies = columns
    return Case(line, read_entity(who), action, read_entity(what),
                read_circumstances(circumstances, names), answer, sorted(says.split(", ")),
                [] if policies == "-" else sorted(policies.split(", ")))


def read_file(path):
    names, sections = {}, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            if line.startswith("let "):
                name, value = line.removeprefix("let ").split(" = ", 1)
                names[name] = json.loads(value)
            elif section := SECTION.match(line):
                sections.append(Section(section["title"], path.stem,
                                        section["requirements"].split()))
            elif line:
                sections[-1].cases.append(read_case(line, names))
        except (CaseError, ValueError, IndexError) as error:
            raise CaseError(f"{path.name}:{number}: {error}: {line}") from error
    return sections


def read_sections():
    """The sections of all the files, in the order in which docs/hospital.md tells of them."""
    return [section for path in sorted((HERE / "cases").glob("*.txt"))
            for section in read_file(path)]


def said_over_http(reply):
    """What a reply says, in the words of a case."""
    told = reply["context"]
    says = [told["cause"]]
    if "override" in told:
        says[0] += f" {told['override']}"
    says += [f"obligation {name}" for name in told.get("obligations", [])]
    says += ["withheld"] * told.get("withheld", False)
    says += ["override possible"] * told.get("override_possible", False)
    if step_up := told.get("step_up"):
        says.append(" ".join(["step up", str(step_up["level"]), *step_up.get("methods", [])]))
    return ("allow" if reply["decision"] else "deny", sorted(says),
            sorted(told.get("policies", [])))
