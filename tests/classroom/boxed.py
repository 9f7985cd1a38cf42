"""Whether bubblewrap works here, for tests that need it."""

import pytest

from securedata.classroom.sandbox import Sandbox
from securedata.errors import SandboxError


def why_no_sandbox() -> str:
    """What is missing; empty if all is there."""
    try:
        Sandbox()
    except SandboxError as error:
        return str(error)
    return ""


needs_bwrap = pytest.mark.skipif(bool(why_no_sandbox()), reason=why_no_sandbox())
