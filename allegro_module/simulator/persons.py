"""Who stands in an order: the buyer, the recipient, whom the invoice is for, and where parcels wait."""

from __future__ import annotations

from dataclasses import dataclass

Json = dict[str, object]

# The number that a company shows its tax office by, and the number of the company itself.
COMPANY_IDS = {
    "PL": ("PL_NIP",),
    "CZ": ("CZ_ICO", "CZ_DIC"),
    "SK": ("SK_ICO", "SK_IC_DPH"),
    "HU": ("HU_ADOSZAM",),
}


@dataclass(frozen=True)
class Address:
    first_name: str
    last_name: str
    street: str
    city: str
    zip_code: str
    phone: str | None = None
    company: str | None = None
    country: str = "PL"

    def place(self, zip_name: str) -> Json:
        """Allegro says zipCode everywhere but in the buyer's own address, where it says postCode."""
        return {
            "street": self.street,
            "city": self.city,
            zip_name: self.zip_code,
            "countryCode": self.country,
        }


@dataclass(frozen=True)
class Buyer:
    id: str
    login: str
    home: Address
    guest: bool = False
    language: str = "pl-PL"
    marketplace: str = "allegro-pl"
    personal_identity: str | None = None

    def for_event(self, email: str) -> Json:
        return {
            "id": self.id,
            "email": email,
            "login": self.login,
            "guest": self.guest,
            "preferences": {"language": self.language},
        }

    def as_json(self, email: str) -> Json:
        home = self.home
        return {
            **self.for_event(email),
            "firstName": home.first_name,
            "lastName": home.last_name,
            "companyName": home.company,
            "personalIdentity": self.personal_identity,
            "phoneNumber": home.phone,
            "address": home.place("postCode"),
        }


@dataclass(frozen=True)
class PickupPoint:
    id: str
    name: str
    description: str
    street: str
    city: str
    zip_code: str
    country: str = "PL"

    def as_json(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "address": {
                "street": self.street,
                "zipCode": self.zip_code,
                "city": self.city,
                "countryCode": self.country,
            },
        }


@dataclass(frozen=True)
class Invoice:
    """An invoice wish: for a company when there is a NIP or another country's numbers, else for a person."""

    address: Address
    company: str | None = None
    nip: str | None = None
    ids: tuple[tuple[str, str], ...] = ()
    vat_status: str = "ACTIVE"
    features: tuple[str, ...] = ()
    due_date: str | None = None

    @property
    def is_for_company(self) -> bool:
        return bool(self.nip or self.ids)

    def as_json(self) -> Json:
        ids = self.ids or (("PL_NIP", self.nip),)
        company = {
            "name": self.company,
            "ids": [{"type": kind, "value": value} for kind, value in ids],
            "vatPayerStatus": self.vat_status,
            # Deprecated since 2024-06-27 in favour of ids; still filled.
            "taxId": self.nip or ids[0][1],
        }
        person = {"firstName": self.address.first_name, "lastName": self.address.last_name}
        return {
            **self.address.place("zipCode"),
            "company": company if self.is_for_company else None,
            "naturalPerson": None if self.is_for_company else person,
        }
