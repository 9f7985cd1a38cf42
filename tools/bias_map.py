"""How many signatures the lattice needs: tried, and written to bias_map.json of lesson 04.

    python tools/bias_map.py

takes half an hour on one core, most of it for 16 bits. For every bias, keys are drawn, messages
signed with ks that begin with that many zero bits, and the attack of lesson 04 is run on them. The
least number of signatures that could do is 256/bits: fewer zero bits than q has do not fix a key.
"""

import json
import math
import random
from pathlib import Path

from securedata_lab.basics import small_dsa
from securedata_lab.basics.small_dsa import Signed
from securedata_lab.lesson04_dsa_attacks.dsa import key_from_short_ks

LESSON = Path(__file__).parent.parent / "securedata_lab" / "lesson04_dsa_attacks"
RESULT = LESSON / "bias_map.json"
ZERO_BITS = (128, 64, 48, 32, 24, 16)
BEYOND = (0, 1, 2, 3)  # signatures more than the least
KEYS = 20
DOMAIN = small_dsa.REAL


def is_found(zero_bits: int, signatures: int, chance: random.Random) -> bool:
    """Whether a new key is found from so many signatures."""
    x = chance.randrange(1, DOMAIN.q)
    signed = []
    for _ in range(signatures):
        h = chance.getrandbits(256)
        k = chance.randrange(1, 1 << DOMAIN.q.bit_length() - zero_bits)
        signed.append(Signed(h, *small_dsa.sign(DOMAIN, x, h, k)))
    y = pow(DOMAIN.g, x, DOMAIN.p)
    return key_from_short_ks(DOMAIN, y, signed, zero_bits) == x


def main() -> None:
    """Try every cell of the map, and write it after every row."""
    chance = random.Random(1)  # noqa: S311  # so that the map can be made again
    rows: dict[str, dict[str, int]] = {}
    for zero_bits in ZERO_BITS:
        least = math.ceil(256 / zero_bits)
        rows[str(zero_bits)] = {
            str(least + more): sum(is_found(zero_bits, least + more, chance) for _ in range(KEYS))
            for more in BEYOND
        }
        print(zero_bits, rows[str(zero_bits)], flush=True)
        RESULT.write_text(json.dumps({"keys": KEYS, "found": rows}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
