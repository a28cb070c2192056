"""Invoices of the demo shop: a number, and a PDF of one page without Polish letters or any tax advice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from flask_sqlalchemy import SQLAlchemy

import allegro_module as al
from allegro_module.demo.models import Order

LINE_HEIGHT = 16
TOP = 780
WIDEST = 90


class DemoInvoicing:
    """Example of the port Invoicing: asked again, it answers the same invoice."""

    def __init__(self, db: SQLAlchemy) -> None:
        self._session = db.session

    def issue(self, shop_order_id: al.ShopOrderId) -> al.Invoice:
        order = self._session.get_one(Order, int(shop_order_id))
        if not order.invoice_number:
            order.invoice_number = f"FV/{order.id}/{order.bought_at:%Y}"
        return al.Invoice(order.invoice_number, tiny_pdf(_lines(order)))


def _lines(order: Order) -> Iterator[str]:
    yield f"Faktura {order.invoice_number}"
    yield f"Zamowienie {order.number} z dnia {order.bought_at:%Y-%m-%d}"
    yield ""
    yield from (order.invoice_address or order.delivery_address).splitlines()
    if order.invoice_tax_id:
        yield f"NIP {order.invoice_tax_id}"
    yield ""
    for line in order.lines:
        rate = "bez VAT" if line.vat_rate is None else f"VAT {line.vat_rate:f}%"
        yield f"{line.quantity} x {line.name} - {line.value:.2f} {order.currency}, {rate}"
    yield ""
    yield f"Razem {order.total:.2f} {order.currency}"


def tiny_pdf(lines: Iterable[str]) -> bytes:
    """A page in Helvetica, which every reader has; letters that it lacks lose their accents."""
    words = "\n".join(f"({_plain(line)}) Tj T*" for line in lines)
    content = f"BT /F1 11 Tf {LINE_HEIGHT} TL 60 {TOP} Td\n{words}\nET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    return _assembled(objects)


def _assembled(objects: tuple[bytes, ...]) -> bytes:
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + trailer


def _plain(line: str) -> str:
    bare = unicodedata.normalize("NFKD", line.replace("ł", "l").replace("Ł", "L"))[: 2 * WIDEST]
    kept = bare.encode("ascii", "ignore").decode()[:WIDEST]
    return kept.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
