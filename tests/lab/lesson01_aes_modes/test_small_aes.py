"""The small AES: the standard's own examples, step by step, and a full-grown AES beside it."""

import random

import pytest
from Crypto.Cipher import AES

from securedata.errors import FormatError
from securedata_lab.lesson01_aes_modes.small_aes import states

# FIPS 197 (2001), appendix B.
KEY_B = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
BLOCK_B = bytes.fromhex("3243f6a8885a308d313198a2e0370734")
OUTPUT_B = "3925841d02dc09fbdc118597196a0b32"
# Of each round: its start, after SubBytes, after ShiftRows, after MixColumns.
ROUNDS_B = """
193de3bea0f4e22b9ac68d2ae9f84808 d42711aee0bf98f1b8b45de51e415230
d4bf5d30e0b452aeb84111f11e2798e5 046681e5e0cb199a48f8d37a2806264c
a49c7ff2689f352b6b5bea43026a5049 49ded28945db96f17f39871a7702533b
49db873b453953897f02d2f177de961a 584dcaf11b4b5aacdbe7caa81b6bb0e5
aa8f5f0361dde3ef82d24ad26832469a ac73cf7befc111df13b5d6b545235ab8
acc1d6b8efb55a7b1323cfdf457311b5 75ec0993200b633353c0cf7cbb25d0dc
486c4eee671d9d0d4de3b138d65f58e7 52502f2885a45ed7e311c807f6cf6a94
52a4c89485116a28e3cf2fd7f6505e07 0fd6daa9603138bf6fc0106b5eb31301
e0927fe8c86363c0d9b1355085b8be01 e14fd29be8fbfbba35c89653976cae7c
e1fb967ce8c8ae9b356cd2ba974ffb53 25d1a9adbd11d168b63a338e4c4cc0b0
f1006f55c1924cef7cc88b325db5d50c a163a8fc784f29df10e83d234cd503fe
a14f3dfe78e803fc10d5a8df4c632923 4b868d6d2c4a8980339df4e837d218d8
260e2e173d41b77de86472a9fdd28b25 f7ab31f02783a9ff9b4340d354b53d3f
f783403f27433df09bb531ff54aba9d3 1415b5bf461615ec274656d7342ad843
5a4142b11949dc1fa3e019657a8c040c be832cc8d43b86c00ae1d44dda64f2fe
be3bd4fed4e1f2c80a642cc0da83864d 00512fd1b1c889ff54766dcdfa1b99ea
ea835cf00445332d655d98ad8596b0c5 87ec4a8cf26ec3d84d4c46959790e7a6
876e46a6f24ce78c4d904ad897ecc395 473794ed40d4e4a5a3703aa64c9f42bc
eb40f21e592e38848ba113e71bc342d2 e9098972cb31075f3d327d94af2e2cb5
e9317db5cb322c723d2e895faf090794
"""
BLOCK_C = bytes.fromhex("00112233445566778899aabbccddeeff")  # appendix C: three keys


def encrypt_block(key: bytes, block: bytes) -> bytes:
    """The state after the last step (FIPS 197, 5.1)."""
    *_, (_, state) = states(key, block)
    return state


def test_every_state_of_appendix_b_is_reached_in_its_order_and_under_its_name() -> None:
    steps = ["SubBytes", "ShiftRows", "MixColumns", "AddRoundKey"]
    names = [
        "input",
        "round 0 AddRoundKey",
        *[f"round {number} {step}" for number in range(1, 10) for step in steps],
        *[f"round 10 {step}" for step in steps if step != "MixColumns"],
    ]
    expected = [BLOCK_B.hex(), *ROUNDS_B.split(), OUTPUT_B]
    found = [(name, state.hex()) for name, state in states(KEY_B, BLOCK_B)]
    assert found == list(zip(names, expected, strict=True))


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (16, "69c4e0d86a7b0430d8cdb78070b4c55a"),  # C.1
        (24, "dda97ca4864cdfe06eaf70a0ec0d7191"),  # C.2
        (32, "8ea2b7ca516745bfeafc49904b496089"),  # C.3
    ],
)
def test_appendix_c_and_random_blocks_come_out(length: int, expected: str) -> None:
    assert encrypt_block(bytes(range(length)), BLOCK_C).hex() == expected
    chance = random.Random(length)
    for _ in range(50):
        key, block = chance.randbytes(length), chance.randbytes(16)
        assert encrypt_block(key, block) == AES.new(key, AES.MODE_ECB).encrypt(block)


def test_other_lengths_are_refused() -> None:
    for length in (0, 15, 17, 33):
        with pytest.raises(FormatError, match=f"16, 24 or 32 bytes, not {length}"):
            encrypt_block(bytes(length), BLOCK_C)
    for length in (0, 15, 32):
        with pytest.raises(FormatError, match=f"block has 16 bytes, not {length}"):
            encrypt_block(KEY_B, bytes(length))
