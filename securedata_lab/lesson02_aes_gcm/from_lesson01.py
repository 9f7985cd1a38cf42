"""What this lesson takes from lesson 01: names that are imported lazily must be a module's here."""

from securedata_lab.lesson01_aes_modes.bank_client import open_bank, real_bank, stop_banks

__all__ = ["open_bank", "real_bank", "stop_banks"]
