"""Plays `docker` where no daemon runs: the steps of a Dockerfile, and containers, in plain folders.

A stage is a folder, and absolute paths lead into it; Python is the one that runs the tests. Users,
namespaces and networks are not played. What a Dockerfile or the page says beyond this is an error.

    python dockerplay.py MACHINE build -t NAME .   (or run, exec, inspect, stop)
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

MACHINE = Path(*sys.argv[1:2])  # not there when pytest looks for doctests
STAGE = MACHINE / "stage"  # every stage is built here: environments of Python cannot be moved
EARLIER = MACHINE / "earlier-stages"
IMAGE = MACHINE / "image.json"


def instructions(dockerfile: str) -> list[tuple[str, list[str], str]]:
    """Each instruction: its name, its --options, and the rest."""
    text = re.sub(r"^#.*\n", "", dockerfile, flags=re.M).replace("\\\n", " ")
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, rest = line.split(maxsplit=1)
        options = re.match(r"(?:--\S+\s+)*", rest)
        assert options is not None
        found.append((name, options[0].split(), rest[options.end() :]))
    return found


def here(text: str) -> str:
    """The same text, with absolute paths inside the stage."""
    return re.sub(r"(?<![\w.:/-])/(etc|opt|var|kit)\b", rf"{STAGE}/\1", text)


def build(context: Path) -> None:
    ignored = [
        line
        for line in (context / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]

    def is_sent(name: str) -> bool:
        sent = True
        for pattern in ignored:
            if fnmatch(name, pattern.removeprefix("!")):
                sent = pattern.startswith("!")
        return sent

    image: dict[str, Any] = {}
    stage_name, folder, environment = "", STAGE, dict(os.environ)
    for name, options, rest in instructions((context / "Dockerfile").read_text()):
        if name == "FROM":
            if STAGE.exists():
                STAGE.rename(EARLIER / stage_name)
            EARLIER.mkdir(exist_ok=True)
            STAGE.mkdir()
            folder = STAGE
            stage_name = rest.partition(" AS ")[2]
            image = {"environment": {}}
        elif name == "WORKDIR":
            folder = Path(here(rest))
            folder.mkdir(parents=True, exist_ok=True)
            image["folder"] = str(folder)
        elif name == "COPY" and options:
            (source_stage,) = (option.removeprefix("--from=") for option in options)
            source, target = rest.split()
            shutil.copytree(f"{EARLIER / source_stage}{source}", here(target), symlinks=True)
        elif name == "COPY":
            *sources, target = rest.split()
            for source in sources:
                assert is_sent(source), f".dockerignore keeps {source} away"
                if (context / source).is_dir():
                    shutil.copytree(context / source, folder / target)
                else:
                    shutil.copy(context / source, folder / target)
        elif name == "RUN":
            subprocess.run(["sh", "-eu", "-c", here(rest)], cwd=folder, env=environment, check=True)
        elif name == "ENV":
            variable, value = rest.split("=", 1)
            environment[variable] = here(value).replace("$PATH", environment["PATH"])
            image["environment"][variable] = environment[variable]
        elif name == "HEALTHCHECK":
            image[name] = json.loads(rest.removeprefix("CMD "))
        elif name in ("ENTRYPOINT", "CMD"):
            image[name] = json.loads(rest)
        else:
            assert name in ("USER", "VOLUME", "EXPOSE"), f"{name} is not played"
            image[name] = rest
    IMAGE.write_text(json.dumps(image))


def run(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    for option in ("--rm", "--read-only", "-d"):
        parser.add_argument(option, action="store_true")
    for option in ("--name", "--restart", "--tmpfs", "--cap-drop", "--security-opt", "--env-file"):
        parser.add_argument(option)
    parser.add_argument("-p")
    parser.add_argument("-v")
    parser.add_argument("image")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    told = parser.parse_args(words)
    image = json.loads(IMAGE.read_text())
    mount(*told.v.split(":"))
    environment = {**os.environ, **image["environment"]}
    lines = Path(told.env_file).read_text().splitlines()
    environment |= dict(line.split("=", 1) for line in lines)
    command = [*image["ENTRYPOINT"], *(told.command or image["CMD"])]
    if not told.d:
        execute(command, image, environment)
    # 127.0.0.1:5001:5000 means that 5000 in the container is 5001 outside; here both are outside.
    environment["SECUREDATA_PORT"] = told.p.split(":")[1]
    with (MACHINE / f"{told.name}.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=image["folder"], env=environment, stdout=log, stderr=log
        )
    started = {"pid": process.pid, "environment": environment}
    (MACHINE / f"{told.name}.container").write_text(json.dumps(started))


def execute(command: list[str], image: dict[str, Any], environment: dict[str, str]) -> None:
    os.chdir(image["folder"])
    os.execvpe(command[0], command, environment)


def mount(name: str, target: str) -> None:
    """A named volume is filled from the image when it is new."""
    volume, place = MACHINE / "volumes" / name, Path(here(target))
    if not volume.exists():
        place.rename(volume)
        place.symlink_to(volume)
    assert place.resolve() == volume


def main(verb: str, *words: str) -> None:
    if verb == "build":
        assert words[0] == "-t"
        build(Path(words[2]))
        return
    if verb == "run":
        run(list(words))
        return
    image = json.loads(IMAGE.read_text())
    name = words[0] if verb == "exec" else words[-1]
    container = json.loads((MACHINE / f"{name}.container").read_text())
    environment = container["environment"]
    if verb == "exec":
        execute(list(words[1:]), image, environment)
    elif verb == "stop":
        os.kill(container["pid"], signal.SIGTERM)
    elif verb == "inspect":
        assert words[:2] == ("--format", "{{.State.Health.Status}}")
        check = [
            word.replace(":5000", f":{environment['SECUREDATA_PORT']}")
            for word in image["HEALTHCHECK"]
        ]
        done = subprocess.run(check, cwd=image["folder"], env=environment, capture_output=True)
        print("unhealthy" if done.returncode else "healthy")
    else:
        sys.exit(f"docker {shlex.join([verb, *words])} is not played")


if __name__ == "__main__":
    main(*sys.argv[2:])
