"""A whole order out of two error messages, with the student's own formula for a letter."""

from collections.abc import Callable
from itertools import count, pairwise

from securedata_lab.lesson01_aes_modes.bank_client import Bank, in_process
from securedata_lab.lesson01_aes_modes.block_modes import blocks
from securedata_lab.lesson01_aes_modes.padding_oracle import right_guesses
from securedata_lab.twins.twin import Row

SHOWN = 3  # the block that holds most of the code word
UNPRINTABLE = "?"


def read_letters(bank: Bank, my_letter: Callable[[int, int, int], object]) -> None:
    """Print the stranger's order as `my_letter` makes it of each right guess.

    It asks the bank without the network: that is faster.

    >>> from securedata_lab.lesson01_aes_modes import CbcBank, open_bank, stop_banks
    >>> read_letters(open_bank(CbcBank), lambda guess, padding, iv_byte: ...)
    Nothing was asked: my_letter is still `...`.
    >>> stop_banks()
    """
    pay, asked, text = in_process(bank), count(), ""

    def is_right(iv: bytes, block: bytes) -> bool:
        next(asked)
        said = pay(Row(iv, block, b"", record_id=bank.stolen.record_id))
        return "padding" not in said

    chain = pairwise([bank.stolen.nonce, *blocks(bank.stolen.ciphertext)])
    for number, (previous, block) in enumerate(chain, 1):
        letters = ""
        for padding, guess in enumerate(right_guesses(is_right, block), 1):
            letter = my_letter(guess, padding, previous[-padding])
            if letter is None or letter is ...:
                print("Nothing was asked: my_letter is still `...`.")
                return
            letters = _printable(letter) + letters
            if number == SHOWN:
                print(letters.replace(" ", "␣").rjust(len(previous)))
        text += letters
    print(f"The whole order: {text.rstrip(UNPRINTABLE)}")
    print("Questions asked:", next(asked))


def _printable(letter: object) -> str:
    """A letter of its number, or of what else a student may have made of it."""
    number = ord(letter) if isinstance(letter, (str, bytes)) and len(letter) == 1 else letter
    return chr(number) if isinstance(number, int) and 32 <= number < 127 else UNPRINTABLE
