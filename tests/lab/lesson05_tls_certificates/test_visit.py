"""What a visit reads of a handshake is what OpenSSL itself has seen."""

import socket
import ssl

import pytest
from cryptography import x509

from securedata_lab.lesson05_tls_certificates import issue_certificate, serve_with
from securedata_lab.lesson05_tls_certificates.card import Card, Proof, cards_of
from securedata_lab.lesson05_tls_certificates.visit import Visit

CA = issue_certificate("Example CA", is_ca=True, days=(-30, 300))
BRANCH = issue_certificate("a branch", by=CA, is_ca=True)
LEAF = issue_certificate("a title", by=BRANCH, names=["localhost", "127.0.0.1"])


def test_it_reads_the_chain_that_was_sent_and_a_proof_of_the_leafs_key() -> None:
    chain_pem = LEAF.certificate_pem + BRANCH.certificate_pem
    with serve_with(chain_pem, LEAF.private_key_pem, ca_pem=CA.certificate_pem) as server:
        visits = [Visit(server.url) for _ in range(2)]
        context = ssl.create_default_context(cafile=server.ca_file)
        with (
            socket.create_connection(("localhost", server.port), 10) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as verified,
        ):
            assert verified.getpeercert(binary_form=True) == visits[0].chain[0].der
        for visit in visits:
            assert visit.chain == cards_of(chain_pem)
            assert [card.has_signed(visit.proof) for card in visit.chain] == [True, False]
            visit.post("/login", {"said on": "this connection"})
        old = Proof(visits[1].proof.text, visits[0].proof.signature)
        assert not visits[0].chain[0].has_signed(old)
        assert server.heard == [{"said on": "this connection"}] * 2
    for visit in visits:
        visit.__exit__()


def test_a_card_says_what_the_certificate_says() -> None:
    (leaf,), (branch,) = cards_of(LEAF.certificate_pem), cards_of(BRANCH.certificate_pem)
    assert (leaf.subject, leaf.issuer, leaf.is_ca) == ("a title", "a branch", False)
    assert leaf.names == ["localhost", "127.0.0.1"]
    assert (branch.names, branch.is_ca) == ([], True)
    parsed = x509.load_der_x509_certificate(leaf.der)
    assert leaf.starts == parsed.not_valid_before_utc.date()
    assert leaf.ends == parsed.not_valid_after_utc.date()
    assert f"{parsed.public_key().public_numbers().x:064x}"[:16] == leaf.key  # type: ignore[union-attr]
    assert repr(leaf).splitlines()[5:] == ["  is_ca    False", f"  key      {leaf.key}…"]


def test_only_a_key_of_the_issuers_name_has_signed() -> None:
    twin = issue_certificate("a branch", by=CA, is_ca=True)
    (leaf,), (other,) = cards_of(LEAF.certificate_pem), cards_of(twin.certificate_pem)
    assert not leaf.signed_by(other)
    assert not leaf.signed_by(leaf)
    with pytest.raises(TypeError, match="takes another card"):
        leaf.signed_by(Proof(b"", b""))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes the proof"):
        leaf.has_signed(Card(b""))  # type: ignore[arg-type]
