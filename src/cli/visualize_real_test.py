"""`wardlock visualize`: the hierarchy of entities, drawn."""
import unittest

from program import HOSPITAL, ProgramTest

ENTITIES = [
    {"uid": {"type": "User", "id": "kim"}, "attrs": {}, "parents": [{"type": "Role", "id": "n"}]},
    {"uid": {"type": "Role", "id": "n"}, "attrs": {}, "parents": []},
]
DOT = """\
strict digraph {
\tordering="out"
\tnode[shape=box]
\tsubgraph "cluster_Role" {
\t\tlabel="Role"
\t\t"Role::\\"n\\"" [label="n"]
\t}
\tsubgraph "cluster_User" {
\t\tlabel="User"
\t\t"User::\\"kim\\"" [label="kim"]
\t}
\t"User::\\"kim\\"" -> "Role::\\"n\\""
}
"""
MERMAID = """\
flowchart BT
  subgraph t0["Role"]
    n0["n"]
  end
  subgraph t1["User"]
    n1["kim"]
  end
  n1 --> n0
"""


class VisualizeTest(ProgramTest):
    def test_both_formats(self):
        self.write("e.json", ENTITIES)
        self.assert_prints(DOT, "visualize", "--entities", "e.json")
        self.assert_prints(MERMAID, "visualize", "--entities", "e.json", "--format", "mermaid")
        self.assertEqual(self.json_of("visualize", "--entities", "e.json"),
                         {"format": "dot", "graph": DOT})

    def test_the_hospital(self):
        result = self.run_here("visualize", "--entities", HOSPITAL / "entities.json")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout.count("{"), result.stdout.count("}"))

    def test_errors(self):
        self.write("e.json", [{"uid": {"type": "Nope", "id": "x"}, "attrs": {}, "parents": []}])
        self.write("s.cedarschema", "entity User;")
        self.assert_fails("Nope", "visualize", "--entities", "e.json", "-s", "s.cedarschema", code=3)
        self.assert_fails("--entities", "visualize")
        self.assert_fails("`nowhere.json`", "visualize", "--entities", "nowhere.json")
        self.assert_fails("svg", "visualize", "--entities", "e.json", "--format", "svg")


if __name__ == "__main__":
    unittest.main()
