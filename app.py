"""`python app.py` serves https://localhost:5000: the same as `securedata serve`."""

import sys

try:
    from securedata.cli import serve
except ModuleNotFoundError as missing:
    sys.exit(f"{missing.name} is not installed. Run this first: python -m pip install -e .")

if __name__ == "__main__":
    serve()
