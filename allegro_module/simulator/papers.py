"""What a seller adds to an order: parcels with their numbers, and documents of billing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allegro_module.simulator.http import iso
from allegro_module.simulator.persons import Json


@dataclass(frozen=True)
class Shipment:
    """A parcel; nothing can change it or take it away."""

    id: str
    carrier_id: str
    carrier_name: str | None
    waybill: str
    line_ids: tuple[str, ...]
    created_at: datetime

    def as_json(self) -> Json:
        return {
            "id": self.id,
            "waybill": self.waybill,
            "carrierId": self.carrier_id,
            "carrierName": self.carrier_name,
            "lineItems": [{"id": line_id} for line_id in self.line_ids],
            "createdAt": iso(self.created_at),
        }


@dataclass
class Paper:
    """An invoice: declared first, its file sent after, which is then scanned."""

    id: str
    number: str | None
    file_name: str
    created_at: datetime
    content: bytes = b""
    uploaded_at: datetime | None = None
    verdict: str = "WAITING"
    verified_at: datetime | None = None

    def as_json(self) -> Json:
        """A file that is not there yet has no time and no verdict."""
        file: Json = {"name": self.file_name}
        if self.uploaded_at:
            file["uploadedAt"] = iso(self.uploaded_at)
            file["securityVerification"] = self._security()
            file["verification"] = {"status": "NOT_APPLICABLE", "details": []}
        shown: Json = {"id": self.id, "createdAt": iso(self.created_at), "file": file}
        return shown if self.number is None else {**shown, "invoiceNumber": self.number}

    def _security(self) -> Json:
        if self.verified_at is None:
            return {"status": "WAITING"}
        return {"status": self.verdict, "verifiedAt": iso(self.verified_at)}
