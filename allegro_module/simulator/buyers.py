"""Who buys, where parcels wait: the invented people and places of the simulated world."""

from allegro_module.simulator.forms import Address, Buyer, PickupPoint

_PEOPLE = (
    ("Anna", "Nowakowska", "ul. Lipowa 12/4", "Gdańsk", "80-180", None),
    ("Marek", "Zieliński", "ul. Długa 7", "Kraków", "31-147", None),
    ("Żaneta", "Gąsior", "os. Słoneczne 3/18", "Łódź", "91-425", None),
    ("Krzysztof", "Wójcik", "ul. Grunwaldzka 182", "Poznań", "60-166", None),
    ("Ewa", "Śliwińska", "ul. Świętojańska 45/2", "Gdynia", "81-391", "Pracownia Śliwka Ewa Śliwińska"),
    ("Józef", "Łukasik", "ul. Młyńska 9", "Rzeszów", "35-025", None),
)


def _buyer(
    number: int, first: str, last: str, street: str, city: str, code: str, company: str | None
) -> Buyer:
    home = Address(first, last, street, city, code, f"+4850010{number:04d}", company)
    return Buyer(f"{70_200_100 + number}", f"kupujacy_{number}", home)


BUYERS = tuple(_buyer(number, *person) for number, person in enumerate(_PEOPLE, 1))

POINTS = (
    PickupPoint("GDA12M", "Paczkomat GDA12M", "Przy markecie", "Kartuska 201", "Gdańsk", "80-122"),
    PickupPoint("KRA33N", "Paczkomat KRA33N", "Obok stacji paliw", "Opolska 14", "Kraków", "31-323"),
    PickupPoint("POZ08A", "Paczkomat POZ08A", "Stacja paliw", "Grunwaldzka 108", "Poznań", "60-166"),
)


def buyer_named(login: str) -> Buyer:
    """A known buyer; any other login is a new person."""
    known = next((buyer for buyer in BUYERS if buyer.login == login), None)
    if known:
        return known
    number = 90_000_000 + sum(position * ord(letter) for position, letter in enumerate(login, 1))
    home = Address("Nowy", "Kupujący", "ul. Polna 1", "Toruń", "87-100", "+48500999999")
    return Buyer(str(number), login, home)
