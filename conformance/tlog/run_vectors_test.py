"""wardlock_merkle_vectors on vectors made here: what it accepts, and that it notices what is wrong.

usage: run_vectors_test.py PROGRAM
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
# From transparency-dev/merkle's testdata: leaf 2 of 3, and the tree of 2 continued to 5.
INCLUSION = {"leafIdx": 2, "treeSize": 3, "root": "rra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=",
             "leafHash": "ApjRIpBtz8EIkstTpzmS/FufST6kybrbJ7eRtBJ6f+c=",
             "proof": ["+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU="], "wantErr": False}
CONSISTENCY = {"size1": 2, "size2": 5, "root1": "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=",
               "root2": "Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=",
               "proof": ["Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
                         "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms="], "wantErr": False}
REFUSED = {**INCLUSION, "leafIdx": 18446744073709551615, "wantErr": True}
RENAMED = {"leafIndex" if key == "leafIdx" else key: value for key, value in REFUSED.items()}
NO_HASHES = {"size1": 0, "size2": 0, "root1": "ZG9uJ3QgY2FyZSAx", "root2": "ZG9uJ3QgY2FyZSAx",
             "proof": [], "wantErr": False}
# From C2SP/CCTV's ed25519vectors.json.
SIGNATURES = [
    {"number": 6, "key": "10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f",
     "sig": "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b"
            "c02e2b9e63e385c058bf62b14b3a2b29ccefe8e38ddb536bc3f9865320a3d801",
     "msg": "ed25519vectors 10",
     "flags": ["low_order_component_R", "low_order_component_A", "low_order_residue"]},
    {"number": 7, "key": "10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f",
     "sig": "36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b"
            "bbfd00bd9c259d8d222d15e67a3d8228585050dbb9b9585be20d8fadc721da03",
     "msg": "ed25519vectors", "flags": ["low_order_component_R", "low_order_component_A"]}]


class RunVectorsTest(unittest.TestCase):
    def run_program(self, *vectors):
        with tempfile.TemporaryDirectory() as folder:
            for number, vector in enumerate(vectors):
                file = pathlib.Path(folder, "inclusion", f"{number}.json")
                file.parent.mkdir(exist_ok=True)
                file.write_text(vector if isinstance(vector, str) else json.dumps(vector))
            result = subprocess.run([PROGRAM, folder], text=True, capture_output=True)
        last = result.stdout.splitlines()[-1] if result.stdout else ""
        return result.returncode, last

    def test_passes_vectors_that_are_right(self):
        self.assertEqual(self.run_program(INCLUSION, CONSISTENCY, REFUSED, RENAMED),
                         (0, "4 passed, 0 failed, 0 explained"))

    def test_reads_many_in_a_file(self):
        self.assertEqual(self.run_program([INCLUSION, CONSISTENCY], REFUSED),
                         (0, "3 passed, 0 failed, 0 explained"))
        opposite = {**INCLUSION, "wantErr": True}
        self.assertEqual(self.run_program([INCLUSION, opposite, {}]),
                         (1, "1 passed, 2 failed, 0 explained"))

    def test_fails_on_another_result(self):
        for vector in (INCLUSION, CONSISTENCY, REFUSED):
            opposite = {**vector, "wantErr": not vector["wantErr"]}
            self.assertEqual(self.run_program(INCLUSION, opposite),
                             (1, "1 passed, 1 failed, 0 explained"))

    def test_verifies_signatures(self):
        self.assertEqual(self.run_program(SIGNATURES), (0, "2 passed, 0 failed, 0 explained"))
        wrong = [SIGNATURES[0], {**SIGNATURES[1], "msg": "another"}]
        self.assertEqual(self.run_program(wrong), (1, "1 passed, 1 failed, 0 explained"))

    def test_explains_trees_without_leaves_and_hashes(self):
        self.assertEqual(self.run_program(INCLUSION, NO_HASHES),
                         (0, "1 passed, 0 failed, 1 explained"))

    def test_fails_on_what_is_no_vector(self):
        for text in ("", "{}", "[]", "{"):
            self.assertEqual(self.run_program(INCLUSION, text)[0], 1)

    def test_fails_without_vectors(self):
        self.assertEqual(self.run_program()[0], 1)
        self.assertEqual(subprocess.run([PROGRAM], capture_output=True).returncode, 2)


if __name__ == "__main__":
    unittest.main()
