"""What this lesson takes from others: names that are imported lazily must be a module's here."""

from securedata_lab.basics.small_dsa import REAL, Signed
from securedata_lab.lesson03_dsa_signatures.shop import fifteen_bytes, framed, one_byte, short
from securedata_lab.lesson03_dsa_signatures.shop_client import Shop, open_shop

__all__ = ["REAL", "Shop", "Signed", "fifteen_bytes", "framed", "one_byte", "open_shop", "short"]
