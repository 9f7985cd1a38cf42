from .cafe import open_cafe
from .hello_server import serve_with
from .man_in_the_middle import ManInTheMiddle
from .plain import serve_without_tls
from .tap import Tap
from .town import issue_certificate
from .verdicts import ask_requests
from .website import namesake, website_chain

__all__ = [
    "ManInTheMiddle",
    "Tap",
    "ask_requests",
    "issue_certificate",
    "namesake",
    "open_cafe",
    "serve_with",
    "serve_without_tls",
    "website_chain",
]
