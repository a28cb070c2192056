"""Codes for scanners: bars compared with those that others draw, and what no code can say."""

from __future__ import annotations

import re

import pytest
import segno

from allegro_module.prints.barcodes import Symbol, code_128, ean, qr

EAN_13 = "10100010110100111011001100100110111101001110101010110011011011001000010101110010011101000100101"
EAN_8 = "1010001011010111101111010110111010101001110111001010001001011100101"
ORDER = (
    "11010010000100010110001000110111010011011100100111001101001110110011001001110111010011001100111"
    "0010110111001001100011101011"
)


def bars(symbol: Symbol | None, quiet: int) -> str:
    assert symbol is not None
    modules = ["0"] * symbol.width
    for x, width in re.findall(r"M(\d+) 0h(\d+)v", symbol.path):
        modules[int(x) : int(x) + int(width)] = "1" * int(width)
    return "".join(modules)[quiet:-quiet]


def test_ean_13_and_ean_8_are_drawn_as_gs1_publishes_them() -> None:
    assert bars(ean("5 901234 123457"), 11) == EAN_13
    assert bars(ean("96385074"), 7) == EAN_8


def test_upc_is_an_ean_with_a_nought_before_it() -> None:
    symbol = ean("036000291452")

    assert symbol is not None and symbol.text == "0036000291452"


def test_order_number_is_a_code_128() -> None:
    assert bars(code_128("BL-10482"), 10) == ORDER


def test_digits_alone_take_half_the_width() -> None:
    short, long = code_128("12345678"), code_128("1234567a")

    assert short is not None and long is not None
    assert short.width < long.width


@pytest.mark.parametrize("wrong", ["", "abc", "5901234123458", "590123412345", "80-7203-123-X"])
def test_what_is_no_ean_is_not_drawn(wrong: str) -> None:
    assert ean(wrong) is None


@pytest.mark.parametrize("unsayable", ["", "ŻÓŁW-1", "BL\n1", "x" * 41])
def test_number_that_no_code_can_say_is_not_drawn(unsayable: str) -> None:
    assert code_128(unsayable) is None


def test_qr_has_the_modules_of_its_text() -> None:
    symbol = qr("https://sklep.example/orders/1")
    dark = sum(int(width) for width in re.findall(r"h(\d+)v", symbol.path))

    made = segno.make("https://sklep.example/orders/1", error="m", micro=False, mask=4)
    assert dark == sum(map(sum, made.matrix))
    assert symbol.width == symbol.height == len(made.matrix) + 8
