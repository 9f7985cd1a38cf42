"""Lesson 05: certificates, and a café where you carry all packets."""

from securedata.certificates.issuing import issue_certificate
from securedata_lab.lesson05_tls_certificates.bad_servers import bad_server
from securedata_lab.lesson05_tls_certificates.cafe import open_cafe
from securedata_lab.lesson05_tls_certificates.explorer_questions import explore_questions
from securedata_lab.lesson05_tls_certificates.hello_server import serve_with
from securedata_lab.lesson05_tls_certificates.man_in_the_middle import ManInTheMiddle
from securedata_lab.lesson05_tls_certificates.plain import serve_without_tls
from securedata_lab.lesson05_tls_certificates.tap import Tap
from securedata_lab.lesson05_tls_certificates.verdicts import ask_requests, ask_standard_library
from securedata_lab.lesson05_tls_certificates.website import namesake, website_chain

__all__ = [
    "ManInTheMiddle",
    "Tap",
    "ask_requests",
    "ask_standard_library",
    "bad_server",
    "explore_questions",
    "issue_certificate",
    "namesake",
    "open_cafe",
    "serve_with",
    "serve_without_tls",
    "website_chain",
]
