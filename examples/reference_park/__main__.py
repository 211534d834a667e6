"""`make run`: the reference park from its meters to published marts and dashboards, once, with progress.

The second time the plant only shows what it already showed: nothing is new, and the run says so.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(__file__).resolve().parent
STARTED = time.monotonic()


def say(text: str) -> None:
    """Print one line of progress with the seconds since the start."""
    sys.stderr.write(f"[{time.monotonic() - STARTED:5.0f} s] {text}\n")
    sys.stderr.flush()


def python(*arguments: str, env: dict[str, str]) -> None:
    """Run one of our modules with this interpreter; its failure is ours."""
    result = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, env=env, check=False)
    if result.returncode != 0:
        raise SystemExit(result.returncode)


@contextmanager
def plant(data: Path, *, played: bool) -> Iterator[dict[str, str]]:
    """Start the plant's real servers and yield the addresses that the site's sources name."""
    ready = data / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "examples.reference_park.plant", "--data", str(data), "--ready-file", str(ready)]
    if played:
        command.append("--played")
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        deadline = time.monotonic() + 60
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(
                    "The plant's servers did not start: `python -m examples.reference_park.plant` shows why."
                )
            time.sleep(0.1)
        yield json.loads(ready.read_text(encoding="utf-8"))
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _simulator() -> str:
    """Return the hash of the simulator's code: what another one made is made anew."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [here / "simulate.py", *sorted((here / "simulator").glob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def main() -> None:
    """Simulate where this simulator has not yet, collect the recorded day, run, and build the dashboards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", type=Path, default=Path(os.environ.get("NENGTAN_LAKE", "lake")))
    parser.add_argument("--data", type=Path, default=ROOT / "build/reference_park")
    parser.add_argument("--no-dashboards", action="store_true", help="stop after the marts are published")
    options = parser.parse_args()
    lake, data = options.lake.resolve(), options.data.resolve()
    env = os.environ | {"NENGTAN_LAKE": str(lake), "NENGTAN_SITE": str(SITE), "NENGTAN_PLANT": str(data)}

    made_by, code = data / "simulator.sha256", _simulator()
    if not made_by.exists() or made_by.read_text("utf-8") != code:
        say("simulating two years of the park at 15 minutes (history and ground truth)")
        python("examples.reference_park.simulate", "--out", str(data), env=env)
        made_by.write_text(code, "utf-8")
    collected = lake / "build/reference_park_day_collected"
    with plant(data, played=collected.exists()) as addresses:
        env |= addresses
        say("collecting the recorded day by Modbus TCP and MQTT")
        python("pipelines.cli.main", "collect", str(SITE), "--until-idle", "3" if collected.exists() else "6", env=env)
        collected.parent.mkdir(parents=True, exist_ok=True)
        collected.touch()
        say("running: take in what is new, rebuild what changed, check, publish")
        python("pipelines.cli.main", "run", str(SITE), env=env)
    if not options.no_dashboards:
        say("dashboards: building what changed and asking every chart for its data")
        python("pipelines.cli.main", "serve", str(SITE), "--check", env=env)
    say("done")


if __name__ == "__main__":
    main()
