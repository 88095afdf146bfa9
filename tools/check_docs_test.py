import pathlib
import tempfile
import unittest

import check_docs


class CheckDocsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("src/floors.txt", "0 base\n1 codec\n")
        self.write("tools/dev/test.sh", "")
        self.write("docs/glossary.md", "# Glossary\n\n## A word & more\n\n```\n# no heading\n```\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def problems_of(self, text):
        self.write("docs/page.md", text)
        return check_docs.check(self.root)

    def assert_refused(self, text, reason):
        problems = self.problems_of(text)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(reason, problems[0])

    def test_accepts_what_is_there(self):
        self.assertEqual(self.problems_of(
            "[a](glossary.md) [b](glossary.md#a-word--more) [c](https://example.org/x#y) "
            "[d](../src/floors.txt) [e](#here) ![f](../docs/)\n\n# Here\n\n`./dev test --soak`\n"), [])

    def test_refuses_links_that_lead_nowhere(self):
        self.assert_refused("[a](missing.md)", "leads nowhere")
        self.assert_refused("see [a](glossary.md) and [b](../missing.png)", "leads nowhere")

    def test_refuses_anchors_without_a_heading(self):
        self.assert_refused("[a](glossary.md#another-word)", "no heading")
        self.assert_refused("[a](glossary.md#no-heading)", "no heading")
        self.assert_refused("[a](#there)", "no heading")

    def test_ignores_links_in_code(self):
        self.assertEqual(self.problems_of("```\n[a](missing.md)\n```\n"), [])

    def test_refuses_verbs_that_do_not_exist(self):
        self.assert_refused("run `./dev deploy`", "is no verb")
        self.assert_refused("```\n./dev deploy\n```\n", "is no verb")

    def test_accepts_tests_that_are_there(self):
        self.write("src/a/a_test.cc", "TEST_P(ATest, EndsSoon) {}\nTEST(A, Begins) {}\n")
        self.write("src/cli/b_real_test.py", "    def test_it(self):\n")
        self.write("x/c.mjs", "  async 'a b, c'() {\n")
        self.write("policies/tests/d.test.yaml", "  - name: Who may\n")
        self.assertEqual(self.problems_of(
            "| `src/a/a_test.cc`: `EndsSoon`, `Begins`; `src/cli/b_real_test.py`: `test_it` |\n"
            "`x/c.mjs`: `a b, c`, `policies/tests/d.test.yaml`: `Who may`, and `src/a/a.cc`: `nothing`\n"), [])

    def test_refuses_tests_that_are_not_there(self):
        self.write("src/a/a_test.cc", "TEST_P(ATest, EndsSoon) {}\n// EndsLate\n")
        self.write("src/a/a_real_test.py", "    def test_it(self):\n")
        self.assert_refused("`src/a/b_test.cc`: `EndsSoon`", "is not there")
        for name in ("EndsLate", "Ends", "ndsSoon", "ATest"):
            self.assert_refused(f"`src/a/a_test.cc`: `EndsSoon`, `{name}`", f"`{name}`")
        self.assert_refused("`src/a/a_real_test.py`: `test_i`", "`test_i`")

    def test_refuses_a_built_room_without_readme(self):
        self.write("src/codec/json.h", "")
        self.assert_refused("", "src/codec: has no README.md")
        self.write("src/codec/README.md", "# codec\n")
        self.assertEqual(self.problems_of(""), [])

    def test_refuses_decision_records_out_of_order(self):
        self.write("docs/adr/0001-stack.md", "")
        self.write("docs/adr/0003-floors.md", "")
        self.assert_refused("", "expected 0001, 0002")
        self.write("docs/adr/0001-again.md", "")
        self.assert_refused("", "numbered 0001, 0001, 0003")


if __name__ == "__main__":
    unittest.main()
