"""The checks of the exercises. The import of this package registers all of them for `check`."""

from importlib import import_module
from pkgutil import walk_packages

for _module in walk_packages(__path__, f"{__name__}."):
    if ".lesson" in _module.name:
        import_module(_module.name)
