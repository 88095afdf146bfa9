import pathlib
import tempfile
import unittest

from generated_part import GeneratedPart


class GeneratedParts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.document = pathlib.Path(folder.name, "it.md")
        self.part = GeneratedPart("peers", "a program")

    def test_only_what_is_between_the_markers_is_replaced(self):
        self.document.write_text(f"above\n{self.part.begin}\nold\n{self.part.end}\nbelow\n")
        for text in ("new", "newer"):
            self.part.replace(self.document, text)
            self.assertEqual(self.document.read_text(),
                             f"above\n{self.part.begin}\n\n{text}\n\n{self.part.end}\nbelow\n")

    def test_nothing_is_written_where_a_marker_is_missing(self):
        for text in ("above\nbelow\n", f"{self.part.begin}\n", f"{self.part.end}\n{self.part.begin}\n"):
            self.document.write_text(text)
            with self.assertRaises(SystemExit):
                self.part.replace(self.document, "new")
            self.assertEqual(self.document.read_text(), text)


if __name__ == "__main__":
    unittest.main()
