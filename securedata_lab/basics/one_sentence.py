"""An error whose sentence says all: a notebook shows it without a traceback."""


class OneSentence:
    """Put it before the class of the error. docs/decisions/hooks.md says how IPython asks.

    >>> class SoldOutError(OneSentence, LookupError): ...
    >>> SoldOutError("There is no tea left.")._render_traceback_()
    ['There is no tea left.']
    """

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
