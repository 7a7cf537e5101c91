"""LibreOffice without a window: a workbook opened and written anew."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

needs_office = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="no LibreOffice on this machine (Debian: apt-get install libreoffice-calc)"
)


def written_anew(file: Path, kind: str) -> Path:
    """The workbook as LibreOffice writes it, in a folder beside it."""
    target = file.parent / "anew"
    profile = (file.parent / "profile").as_uri()
    command = [
        "soffice",
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        str(target),
    ]
    subprocess.run([*command, str(file)], check=True, capture_output=True, timeout=120)
    return target / f"{file.stem}.{kind}"
