"""Certificates of any quality, for lessons: the names under which lessons import them."""

from securedata.certificates.issuing import Certified, issue_certificate

__all__ = ["Certified", "issue_certificate"]
