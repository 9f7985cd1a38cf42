"""The checks of the exercises. The import of this package registers all of them for `check`."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    if _module.name.startswith("lesson"):
        import_module(f"{__name__}.{_module.name}")
