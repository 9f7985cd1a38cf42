"""A real website's chain of certificates, for an exercise: who signed for whom?"""

from importlib.resources import files

from cryptography import x509


def website_chain() -> list[x509.Certificate]:
    """The chain of https://cryptography.io in 2018: leaf, intermediate CA, root CA.

    >>> [certificate.subject == certificate.issuer for certificate in website_chain()]
    [False, False, True]
    """
    pem = (files("securedata.lab.tls") / "website_chain.pem").read_bytes()
    return x509.load_pem_x509_certificates(pem)
