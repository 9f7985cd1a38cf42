"""Two leaves for localhost, made once: RSA and ECDSA, each with its key in one file."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from vocabulary import a_leaf

from securedata import Leaf


def in_one_file(folder: Path, leaf: Leaf) -> Path:
    path = folder / "leaf.pem"
    path.write_text(leaf.private_key_pem + leaf.chain_pem, encoding="ascii")
    return path


@pytest.fixture(scope="session")
def rsa_leaf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return in_one_file(tmp_path_factory.mktemp("rsa"), a_leaf("localhost", key=key))


@pytest.fixture(scope="session")
def ec_leaf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return in_one_file(tmp_path_factory.mktemp("ec"), a_leaf("localhost"))
