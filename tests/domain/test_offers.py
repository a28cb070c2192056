"""External ids: unique in the account, made of the SKU."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allegro_module.domain.offers import external_id_for


def test_the_first_offer_has_the_sku_itself_the_next_ones_a_number() -> None:
    assert external_id_for("PZ-1", set()) == "PZ-1"
    assert external_id_for("PZ-1", {"PZ-1"}) == "PZ-1~2"
    assert external_id_for("PZ-1", {"PZ-1", "PZ-1~2"}) == "PZ-1~3"


@given(st.text(min_size=1, max_size=120), st.integers(0, 30))
def test_external_ids_are_unique_and_fit(sku: str, count: int) -> None:
    taken: set[str] = set()
    for _ in range(count):
        taken.add(external_id_for(sku, taken))

    assert len(taken) == count
    assert all(0 < len(external_id) <= 100 for external_id in taken)
