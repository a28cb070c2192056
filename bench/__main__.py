"""`python -m bench`: every measurement there is."""

from __future__ import annotations

from bench.import_orders import main

main()
