"""What the checks of lesson 05 read of a certificate."""

from cryptography import x509

from securedata.certificates.issuing import Certified


def parsed(certified: Certified) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certified.certificate_pem.encode("ascii"))


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # another name, another key, or an algorithm that is no longer allowed
        return False
    return True


def is_ca(certified: Certified) -> bool:
    constraints = parsed(certified).extensions.get_extension_for_class(x509.BasicConstraints)
    return constraints.value.ca


def sans(leaf: Certified) -> list[str]:
    values = [extension.value for extension in parsed(leaf).extensions]
    sans = [value for value in values if isinstance(value, x509.SubjectAlternativeName)]
    return [str(name.value) for names in sans for name in names]
