"""`python -m securedata` is the command `securedata`, also where that is not on PATH."""

from securedata.cli import main

if __name__ == "__main__":
    main(prog_name="securedata")
