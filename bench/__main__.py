"""`python -m bench`: every measurement there is."""

from __future__ import annotations

from bench import import_orders, prints, refresh

if __name__ == "__main__":
    import_orders.main()
    refresh.main()
    prints.main()
