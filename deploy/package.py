"""The Debian package, made of the program that is tested; for the real tests."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src" / "cli"))
import program  # noqa: E402

BUILD = pathlib.Path(program.WARDLOCK).parents[1]
EPOCH = 1_790_000_000


def output_of(*command, **options):
    result = subprocess.run([*map(str, command)], text=True, capture_output=True, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command} failed:\n{result.stdout}{result.stderr}")
    return result.stdout


def pack(folder):
    """The path of the package, made in this folder."""
    output_of("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder, cwd=BUILD,
              env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)})
    packages = list(pathlib.Path(folder).glob("*.deb"))
    assert len(packages) == 1, packages
    return packages[0]
