"""`python app.py` serves https://localhost:5000: the same as `securedata serve`."""

import sys

try:
    from securedata.cli import serve
except ModuleNotFoundError as missing:
    sys.exit(
        f"The kit is not installed in this Python ({missing.name} is missing). "
        "Run make lab, then .venv/bin/python app.py"
    )

if __name__ == "__main__":
    serve()
