"""Names stand as people look for them."""

from __future__ import annotations

from allegro_module.domain.alphabet import naturally


def test_numbers_count_by_their_size_and_polish_letters_stand_in_their_place() -> None:
    names = ["Cennik 10", "Świece", "cennik 2", "Swetry", "Torby", "Cennik", "2 kg", "10 kg", "²"]

    expected = ["2 kg", "10 kg", "Cennik", "cennik 2", "Cennik 10", "Swetry", "Świece", "Torby", "²"]
    assert sorted(names, key=naturally) == expected
