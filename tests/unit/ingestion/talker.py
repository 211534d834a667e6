"""A program that says what its job says, and then ends, falls silent or babbles."""

import json
import sys
import time


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    job = json.loads(sys.stdin.readline())
    _say("".join(json.dumps(line) + "\n" for line in job["lines"]))  # at once, however slow the machine is
    if job["then"] == "silence":
        time.sleep(3600)
    if job["then"] == "babble":
        while True:
            _say("x" * 65536)
    if job["then"] == "listen":
        sys.stdin.read()
        _say(json.dumps({"last": "word"}) + "\n")
    sys.exit(job.get("status", 0))
