"""`python -m bench`: every measurement there is; `bench/sizes.py` says how to ask for the large ones."""

from __future__ import annotations

from bench import (
    backlog,
    governor,
    idle,
    import_orders,
    naive,
    offer_form,
    offer_list,
    order_list,
    prints,
    publish,
    refresh,
)
from bench.histories import FEW_ORDERS, histories
from bench.sizes import sizes


def _measure_histories() -> None:
    """What both need is made once."""
    given = sizes(None, "history")
    counts = (FEW_ORDERS, given.history)
    for postgres in ("", *filter(None, [given.postgres])):
        with histories(*counts, postgres=postgres) as (stores, server):
            idle.measure(stores, server, counts)
            order_list.measure(stores, counts)


if __name__ == "__main__":
    import_orders.main()
    backlog.main()
    naive.main()
    _measure_histories()
    offer_list.main()
    offer_form.main()
    publish.main()
    governor.main()
    refresh.main()
    prints.main()
