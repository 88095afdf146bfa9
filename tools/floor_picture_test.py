import pathlib
import tempfile
import unittest
import xml.dom.minidom

import floor_picture


class FloorPictureTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.src = pathlib.Path(folder.name)
        self.write("floors.txt", "0 base bytes & <errors>\n1 codec JSON\n3.0 cedar/value values\n"
                                 "3.1 cedar/ast trees\n3 jose tokens\n")
        self.write("base/error.cc", "")
        self.write("codec/json.cc", '#include "base/error.h"\n#include "base/error.h"\n')
        self.write("cedar/value/value.cc", '#include "base/error.h"\n#include "codec/json.h"\n')
        self.write("cedar/ast/expr.h", '#include "cedar/value/value.h"\n')
        self.house = floor_picture.House(self.src)

    def write(self, path, text):
        file = self.src / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def test_a_room_is_built_once_it_has_a_source_file(self):
        self.assertEqual(self.house.built, {"base", "codec", "cedar/value"})

    def test_counts_pairs_of_rooms_and_not_lines(self):
        self.assertEqual(self.house.uses_text(0), "")
        self.assertEqual(self.house.uses_text(1), "1 down")
        self.assertEqual(self.house.uses_text(3), "2 down, 1 within the folder")

    def test_draws_well_formed_xml_with_one_box_a_room(self):
        picture = xml.dom.minidom.parseString(floor_picture.draw(self.house))
        states = [box.getAttribute("class") for box in picture.getElementsByTagName("rect")]
        self.assertEqual((states.count("built"), states.count("planned")), (3, 2))
        self.assertIn("bytes & <errors>", picture.getElementsByTagName("title")[-1]
                      .firstChild.nodeValue)

    def test_the_steps_of_a_folder_stand_apart(self):
        rooms = dict(self.house.floors())[3]
        self.assertEqual(floor_picture.rows_of(rooms), [["cedar/value", "cedar/ast"], ["jose"]])


if __name__ == "__main__":
    unittest.main()
