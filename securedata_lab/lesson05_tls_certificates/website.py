"""A real website's chain of certificates, for an exercise: who signed for whom?"""

import datetime
from importlib.resources import files

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


def website_chain() -> list[x509.Certificate]:
    """The chain of https://cryptography.io in 2018: leaf, intermediate CA, root CA.

    >>> [certificate.subject == certificate.issuer for certificate in website_chain()]
    [False, False, True]
    """
    pem = (files("securedata_lab.lesson05_tls_certificates") / "website_chain.pem").read_bytes()
    return x509.load_pem_x509_certificates(pem)


def namesake(original: x509.Certificate) -> x509.Certificate:
    """A stranger's certificate with the same subject and issuer, and another key.

    >>> leaf, *others = website_chain()
    >>> namesake(leaf).subject == leaf.subject, namesake(leaf).public_key() == leaf.public_key()
    (True, False)
    """
    key = ec.generate_private_key(ec.SECP256R1())
    today = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(original.subject)
        .issuer_name(original.issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
