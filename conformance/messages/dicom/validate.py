"""Validates audit messages of DICOM with xmllint against what PS3.15 A.5.1.1 allows. See ../README.md.

usage: validate.py < LINES      each line a document
"""
import pathlib
import re
import subprocess
import sys
import tempfile

GRAMMAR = pathlib.Path(__file__).with_name("audit-message.rng")
WRONG = {
    "no EventID": lambda text: re.sub(r"<EventID [^>]*>", "", text),
    "no EventDateTime": lambda text: re.sub(r' EventDateTime="[^"]*"', "", text),
    "a time that is none": lambda text: re.sub(r'(EventDateTime=")[^"]*', r"\1yesterday", text),
    "an unknown outcome": lambda text: re.sub(r'(EventOutcomeIndicator=")\d+', r"\g<1>7", text),
    "no participant": lambda text: re.sub(r"<ActiveParticipant .*</ActiveParticipant>", "", text),
    "no source": lambda text: re.sub(r"<AuditSourceIdentification.*</AuditSourceIdentification>", "", text),
    "`code` for `csd-code`": lambda text: text.replace("csd-code", "code"),
    "an open element": lambda text: text.replace("</AuditMessage>", ""),
    "a value that is no base64": lambda text: re.sub(r'(<ParticipantObjectDetail [^>]*value=")', r"\1?", text),
}


def accepted(documents):
    """Which of them xmllint finds valid."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, text in enumerate(documents):
            files.append(pathlib.Path(folder, f"{number}.xml"))
            files[-1].write_text(text, encoding="utf-8")
        done = subprocess.run(["xmllint", "--nonet", "--noout", "--relaxng", GRAMMAR, *files],
                              text=True, capture_output=True)
    return [f"{file} validates" in done.stderr for file in files], done.stderr


def main():
    documents = sys.stdin.read().splitlines()
    for what, change in WRONG.items():
        wrong = change(documents[0])
        if wrong == documents[0] or accepted([wrong])[0][0]:
            sys.exit(f"accepted: {what}")
    valid, errors = accepted(documents)
    if not all(valid):
        print(errors)
    print(f"DICOM PS3.15 A.5.1.1: {sum(valid)} passed, {len(valid) - sum(valid)} failed")
    sys.exit(0 if all(valid) and valid else 1)


if __name__ == "__main__":
    main()
