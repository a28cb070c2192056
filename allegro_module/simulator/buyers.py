"""Who buys, where parcels wait: the invented people and places of the simulated world."""

from dataclasses import replace

from allegro_module.simulator.markets import MARKETS
from allegro_module.simulator.persons import COMPANY_IDS, Address, Buyer, Invoice, PickupPoint

_PEOPLE = (
    ("Anna", "Nowakowska", "ul. Lipowa 12/4", "Gdańsk", "80-180", None),
    ("Marek", "Zieliński", "ul. Długa 7", "Kraków", "31-147", None),
    ("Żaneta", "Gąsior", "os. Słoneczne 3/18", "Łódź", "91-425", None),
    ("Krzysztof", "Wójcik", "ul. Grunwaldzka 182", "Poznań", "60-166", None),
    ("Ewa", "Śliwińska", "ul. Świętojańska 45/2", "Gdynia", "81-391", "Pracownia Śliwka Ewa Śliwińska"),
    ("Józef", "Łukasik", "ul. Młyńska 9", "Rzeszów", "35-025", None),
)
_ABROAD = (
    ("Tereza", "Dvořáková", "Vinohradská 1511/230", "Praha 10", "100 00", "+420601234567", "allegro-cz"),
    ("Jiří", "Němec", "Masarykova 12", "Brno", "602 00", "+420602345678", "allegro-business-cz"),
    ("Zuzana", "Kováčová", "Štúrova 5", "Košice", "040 01", "+421903123456", "allegro-sk"),
    ("Gergő", "Tóth", "Király utca 26", "Budapest", "1061", "+36301234567", "allegro-hu"),
)


def _buyer(
    number: int, first: str, last: str, street: str, city: str, code: str, company: str | None
) -> Buyer:
    home = Address(first, last, street, city, code, f"+4850010{number:04d}", company)
    return Buyer(f"{70_200_100 + number}", f"kupujacy_{number}", home)


def _foreigner(
    number: int, first: str, last: str, street: str, city: str, code: str, phone: str, market: str
) -> Buyer:
    country, language = MARKETS[market].country, MARKETS[market].language
    home = Address(first, last, street, city, code, phone, country=country)
    login = f"kupujacy_{country.lower()}_{number}"
    return Buyer(f"{70_300_100 + number}", login, home, language=language, marketplace=market)


BUYERS = tuple(_buyer(number, *person) for number, person in enumerate(_PEOPLE, 1))
FOREIGNERS = tuple(_foreigner(number, *person) for number, person in enumerate(_ABROAD, 1))
# Somebody without an account, a company on the marketplace of companies, a buyer whose identity is asked for.
GUEST = Buyer(
    "70400101",
    "Client:70400101",
    Address("Bożena", "Bez-Konta", "ul. Krótka 2", "Olsztyn", "10-001", "500200300"),
    guest=True,
)
COMPANY = Buyer(
    "70400102",
    "hurt_i_detal",
    Address(
        "Leon", "Hurtowy", "al. Handlowa 100", "Wrocław", "50-001", "+48713334455", "Hurt i Detal sp. z o.o."
    ),
    marketplace="allegro-business-pl",
)
IDENTIFIED = replace(BUYERS[3], id="70400103", login="z_peselem", personal_identity="67062589524")
EVERYBODY = (*BUYERS, *FOREIGNERS, GUEST, COMPANY, IDENTIFIED)

POINTS = (
    PickupPoint("GDA12M", "Paczkomat GDA12M", "Przy markecie", "Kartuska 201", "Gdańsk", "80-122"),
    PickupPoint("KRA33N", "Paczkomat KRA33N", "Obok stacji paliw", "Opolska 14", "Kraków", "31-323"),
    PickupPoint("POZ08A", "Paczkomat POZ08A", "Stacja paliw", "Grunwaldzka 108", "Poznań", "60-166"),
)
CZECH_POINTS = (
    PickupPoint(
        "CZ-PHA01", "Allegro One Punkt PHA01", "Trafika", "Vinohradská 100", "Praha 3", "130 00", "CZ"
    ),
)

_COMPANY_NUMBERS = {
    "PL": ("Biuro Nowak sp. z o.o.", ("5252674798",)),
    "CZ": ("Němec a syn s.r.o.", ("27604977", "CZ27604977")),
    "SK": ("Kováč a spol. s.r.o.", ("31322832", "SK2020310578")),
    "HU": ("Tóth és Társa Kft.", ("12345676-2-41",)),
}


def points_of(country: str) -> tuple[PickupPoint, ...]:
    return CZECH_POINTS if country == "CZ" else POINTS


def company_invoice(buyer: Buyer) -> Invoice:
    """An invoice for the buyer's company, with the numbers that companies of the country have."""
    country = buyer.home.country
    name, numbers = _COMPANY_NUMBERS[country]
    name = buyer.home.company or name
    if country == "PL":
        return Invoice(buyer.home, name, numbers[0])
    ids = tuple(zip(COMPANY_IDS[country], numbers, strict=True))
    return Invoice(buyer.home, name, ids=ids, vat_status="NOT_APPLICABLE")


def buyer_named(login: str) -> Buyer:
    """A known buyer; any other login is a new person."""
    known = next((buyer for buyer in EVERYBODY if buyer.login == login), None)
    if known:
        return known
    number = 90_000_000 + sum(position * ord(letter) for position, letter in enumerate(login, 1))
    home = Address("Nowy", "Kupujący", "ul. Polna 1", "Toruń", "87-100", "+48500999999")
    return Buyer(str(number), login, home)
