"""Values that an offer may have where Allegro names them all (facts.md 6.6)."""

from __future__ import annotations

HANDLING_TIMES = ("PT0S", "PT24H", "P2D", "P3D", "P4D", "P5D", "P7D", "P10D", "P14D", "P21D", "P30D", "P60D")
INVOICES = ("VAT", "VAT_MARGIN", "WITHOUT_VAT", "NO_INVOICE")
VAT_RATES = ("23.00", "8.00", "5.00", "0.00")
#: Of a "buy now" offer; empty: until sold out.
DURATIONS = ("", "P3D", "P5D", "P7D", "P10D", "P20D", "P30D")
AUCTION_DURATIONS = ("P1D", "P3D", "P5D", "P7D", "P10D")
UNITS = ("UNIT", "SET", "PAIR")
#: What Allegro takes when an offer does not say (facts.md 6.2).
HANDLING_TIME, INVOICE = "PT24H", "VAT"
