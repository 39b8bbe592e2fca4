"""`make sbom`: what production is made of, as CycloneDX, with the vendored parts that pages load.

`python -m tests.production.sbom FILE`; the same packages give the same file. Written and checked against its schema by
cyclonedx-bom; the parts in static/vendor/, which pip knows nothing of, are named by the table of its README.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from cyclonedx.schema import SchemaVersion

from relay.config import ROOT
from tests.production import environment

VERSION = SchemaVersion.V1_6


def write(goal: Path) -> None:
    """Write the bill of materials, and check it."""
    from cyclonedx.validation.json import (
        JsonStrictValidator,
    )  # reads forty grammars, which other tests need not wait for

    told = bill()
    if fault := JsonStrictValidator(VERSION).validate_str(told):
        raise ValueError(fault)
    goal.write_text(told, encoding="utf-8")


def bill() -> str:
    """Return the bill of materials as JSON, not checked yet."""
    with tempfile.TemporaryDirectory() as folder:
        python = environment.make(Path(folder) / "venv")
        words = [
            "environment",
            "--output-reproducible",
            "--no-validate",
            "--pyproject",
            "pyproject.toml",
            "--spec-version",
            VERSION.to_version(),
        ]
        command = [sys.executable, "-m", "cyclonedx_py", *words, str(python)]
        listed = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    listed["components"] += vendored()
    return json.dumps(listed, ensure_ascii=False, indent=2) + "\n"


def vendored() -> list[dict[str, object]]:
    """The files in static/vendor/, from the table in its README."""
    readme = (ROOT / "static/vendor/README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| npm (\S+) \| (\S+) \| (\S+) \| `([0-9a-f]{64})` \|$", readme, re.MULTILINE)
    return [
        {
            "type": "library",
            "bom-ref": f"static/vendor/{file}",
            "name": package,
            "version": version,
            "purl": f"pkg:npm/{package.replace('@', '%40')}@{version}",
            "licenses": [{"license": {"id": licence}}],
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }
        for file, package, version, licence, digest in rows
    ]


if __name__ == "__main__":
    write(Path(sys.argv[1]))
