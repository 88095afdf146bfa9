import pathlib
import tempfile
import unittest

import check_floors

FLOORS = """\
# floor  room
0        base
3.0      cedar/value
3.1      cedar/ast
3        jose
13       api/authzen
13       api/scim
"""


class CheckFloorsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.src = pathlib.Path(folder.name)
        (self.src / "floors.txt").write_text(FLOORS)

    def problems(self, path, text):
        file = self.src / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return check_floors.check(self.src)

    def assert_refused(self, path, text, reason):
        problems = self.problems(path, text)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(reason, problems[0])
        self.assertTrue(problems[0].startswith(f"src/{path}:"), problems[0])

    def test_accepts_includes_that_go_downward(self):
        text = '#include <vector>\n#include "base/error.h"\n#include "cedar/ast/expr.h"\n'
        self.assertEqual(self.problems("api/authzen/handler.cc", text), [])

    def test_accepts_own_room_and_earlier_steps_of_the_folder(self):
        text = '#include "cedar/ast/policy.h"\n#include "cedar/value/value.h"\n'
        self.assertEqual(self.problems("cedar/ast/policy.cc", text), [])

    def test_refuses_an_include_that_goes_up(self):
        self.assert_refused("base/error.cc", '#include "cedar/ast/expr.h"\n', "may not include")

    def test_refuses_a_later_step_of_the_same_folder(self):
        self.assert_refused("cedar/value/value.h", '#include "cedar/ast/expr.h"\n',
                            "`cedar/value` may not include `cedar/ast`")

    def test_refuses_another_room_on_the_same_floor(self):
        self.assert_refused("jose/jwt.cc", '#include "cedar/value/value.h"\n', "may not include")
        (self.src / "jose/jwt.cc").unlink()
        self.assert_refused("cedar/ast/expr.h", '#include "jose/jwt.h"\n', "may not include")

    def test_refuses_rooms_of_one_folder_that_are_not_ordered(self):
        self.assert_refused("api/scim/users.cc", '#include "api/authzen/handler.h"\n',
                            "may not include")

    def test_refuses_an_include_however_it_is_spaced(self):
        self.assert_refused("base/error.h", '  #  include   "jose/jwt.h"\n', "may not include")

    def test_names_the_line(self):
        problems = self.problems("base/error.h", '#pragma once\n\n#include "jose/jwt.h"\n')
        self.assertTrue(problems[0].startswith("src/base/error.h:3:"), problems)

    def test_refuses_includes_without_a_room_in_their_path(self):
        self.assert_refused("base/error.cc", '#include "error.h"\n', "is in no room")
        (self.src / "base/error.cc").unlink()
        self.assert_refused("base/error.cc", '#include "fmt/format.h"\n', "is in no room")

    def test_refuses_a_file_outside_all_rooms(self):
        for path in ("stray.cc", "cedar/stray.h", "base/inner/stray.cc"):
            self.assert_refused(path, "", "not in a room")
            (self.src / path).unlink()

    def test_refuses_a_broken_list(self):
        for line in ("base", "x base", "3.a jose", "0 base\n1 base"):
            (self.src / "floors.txt").write_text(line + "\n")
            with self.assertRaises(SystemExit, msg=line):
                check_floors.check(self.src)


if __name__ == "__main__":
    unittest.main()
