"""The flaws: each a small class that changes one step of a twin that has none.

Each docstring names the flaw, the rule it breaks, and where it happened in the world. How it is
attacked stands in lab/attacks/.
"""

from securedata.lab.flaws.signed import (
    BiasedK,
    CiphertextOnly,
    PublicKeyFromRequest,
    RepeatedK,
    Unframed,
)
from securedata.lab.flaws.unsigned import (
    Cbc,
    Ecb,
    FixedNonceCtr,
    PaddingOracle,
    RepeatedNonceGcm,
    ShortTagGcm,
    UnboundRows,
)
from securedata.lab.signedtwin import SignedTwin
from securedata.lab.twin import Twin

FLAWS: dict[str, type[Twin]] = {
    twin.flaw: twin
    for twin in (
        Twin,
        Ecb,
        Cbc,
        PaddingOracle,
        FixedNonceCtr,
        RepeatedNonceGcm,
        ShortTagGcm,
        UnboundRows,
        SignedTwin,
        Unframed,
        CiphertextOnly,
        PublicKeyFromRequest,
        RepeatedK,
        BiasedK,
    )
}

__all__ = [
    "FLAWS",
    "BiasedK",
    "Cbc",
    "CiphertextOnly",
    "Ecb",
    "FixedNonceCtr",
    "PaddingOracle",
    "PublicKeyFromRequest",
    "RepeatedK",
    "RepeatedNonceGcm",
    "ShortTagGcm",
    "UnboundRows",
    "Unframed",
]
