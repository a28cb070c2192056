"""Parameter sets of real size, made by rule: two hundred parameters, and thirty thousand brands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import cycle, islice, product
from typing import Any

from allegro_module.simulator.parameters import CONDITION, NEW, Conditions, Names, Parameter, Value

PARTS = (
    ("Procesor", "Processor"),
    ("Pamięć RAM", "RAM"),
    ("Dysk", "Drive"),
    ("Drugi dysk", "Second drive"),
    ("Ekran", "Screen"),
    ("Karta graficzna", "Graphics card"),
    ("Bateria", "Battery"),
    ("Klawiatura", "Keyboard"),
    ("Touchpad", "Touchpad"),
    ("Kamera", "Camera"),
    ("Głośniki", "Speakers"),
    ("Mikrofon", "Microphone"),
    ("Sieć Wi-Fi", "Wi-Fi"),
    ("Modem", "Modem"),
    ("Obudowa", "Case"),
    ("Zasilacz", "Power supply"),
    ("Chłodzenie", "Cooling"),
    ("Czytnik kart", "Card reader"),
    ("Stacja dokująca", "Docking station"),
)
TRAITS = 10
MAKERS = (
    "Alvia",
    "Borel",
    "Corvex",
    "Datum",
    "Elvar",
    "Fenix",
    "Garda",
    "Helion",
    "Inara",
    "Jovex",
    "Kelvo",
    "Lumen",
)
SERIES = 40
KINDS = (
    ("wbudowany", "built-in"),
    ("wymienny", "replaceable"),
    ("zewnętrzny", "external"),
    ("brak", "none"),
)
GRADES = tuple(f"klasa {number}" for number in range(1, 11))
COLOURS = (("czarny", "black"), ("srebrny", "silver"), ("biały", "white"), ("inny", "other"))
SHEET_LAWS = (("CE", "CE"), ("RoHS", "RoHS"), ("Energy Star", "Energy Star"), ("TCO", "TCO"))
BRANDS = 30_000


def _names(polish: str, english: str | None = None) -> Names:
    return Names(polish, english or polish)


def _values(parameter_id: str, *labels: tuple[str, str]) -> tuple[Value, ...]:
    return tuple(Value(f"{parameter_id}_{n}", Names(*label)) for n, label in enumerate(labels, start=1))


def condition() -> Parameter:
    labels = (
        ("Nowy", "New"),
        ("Używany", "Used"),
        ("Po zwrocie", "Returned"),
        ("Powystawowy", "Ex-display"),
        ("Uszkodzony", "Damaged"),
    )
    return Parameter(
        CONDITION,
        _names("Stan", "Condition"),
        "dictionary",
        required=True,
        describes_product=False,
        values=_values(CONDITION, *labels),
    )


def codes() -> Iterator[Parameter]:
    """EAN, demanded of new goods, and the producer's code, demanded where there is no EAN."""
    new = ((CONDITION, frozenset({NEW})),)
    yield Parameter(
        "225693",
        _names("EAN (GTIN)"),
        "string",
        required_if=Conditions(new),
        is_gtin=True,
        identifies_product=True,
        min_length=8,
        max_length=14,
        allowed_values=3,
    )
    yield Parameter(
        "224017",
        _names("Kod producenta", "Manufacturer code"),
        "string",
        required_if=Conditions((), ("225693",)),
        is_mpn=True,
        identifies_product=True,
        min_length=1,
        max_length=80,
    )


@cache
def laptops() -> tuple[Parameter, ...]:
    """Two hundred parameters with over 1,400 dictionary entries; each part has ten that hang together."""
    named = (_part(300_000 + 100 * place, *names) for place, names in enumerate(PARTS))
    rest = (_extra(310_000 + number) for number in range(200 - 3 - TRAITS * len(PARTS)))
    return (condition(), *codes(), *(parameter for part in named for parameter in part), *rest)


def _part(first: int, polish: str, english: str) -> Iterator[Parameter]:
    """Kind first: what is not there has no further traits; the series goes with its maker."""
    ids = [str(first + number) for number in range(TRAITS)]
    kind, maker, series, grade, size, speed, weight, label, range_id, laws = ids
    there = Conditions(((kind, frozenset(f"{kind}_{n}" for n in (1, 2, 3))),))
    new_and_there = Conditions((*there.with_value, (CONDITION, frozenset({NEW}))))

    def called(what: str, in_english: str) -> Names:
        return Names(f"{polish}: {what}", f"{english}: {in_english}")

    yield Parameter(kind, called("rodzaj", "kind"), "dictionary", values=_values(kind, *KINDS))
    yield Parameter(
        maker,
        called("producent", "maker"),
        "dictionary",
        displayed_if=there,
        required_if=new_and_there,
        ambiguous_value_id=f"{maker}_{len(MAKERS) + 1}",
        custom_values=True,
        values=_values(maker, *((name, name) for name in MAKERS), ("inny", "other")),
    )
    yield _series(series, maker, called("seria", "series"), there)
    yield Parameter(
        grade,
        called("klasa", "grade"),
        "dictionary",
        displayed_if=Conditions(((series, frozenset(f"{series}_{n}" for n in range(1, 6))),)),
        values=_values(grade, *((name, name) for name in GRADES)),
    )
    numbers: dict[str, Any] = {"displayed_if": there, "low": Decimal(0), "high": Decimal(10_000)}
    yield Parameter(size, called("wielkość", "size"), "integer", unit="mm", **numbers)
    yield Parameter(speed, called("szybkość", "speed"), "float", unit="GHz", precision=2, **numbers)
    yield Parameter(weight, called("masa", "weight"), "float", unit="g", precision=1, **numbers)
    yield Parameter(label, called("oznaczenie", "label"), "string", displayed_if=there, max_length=60)
    yield Parameter(range_id, called("zakres pracy", "range"), "integer", is_range=True, **numbers)
    yield Parameter(
        laws,
        called("certyfikaty", "certificates"),
        "dictionary",
        describes_product=False,
        multiple=True,
        values=_values(laws, *SHEET_LAWS),
    )


def _series(parameter_id: str, maker: str, names: Names, there: Conditions) -> Parameter:
    """Every maker has some series; the last entry goes with all."""
    makers = islice(cycle(range(1, len(MAKERS) + 1)), SERIES)
    values = [
        Value(
            f"{parameter_id}_{number}",
            _names(f"{MAKERS[of - 1]} {100 + number}"),
            frozenset({f"{maker}_{of}"}),
        )
        for number, of in enumerate(makers, start=1)
    ]
    values.append(Value(f"{parameter_id}_{SERIES + 1}", Names("inna seria", "other series")))
    return Parameter(
        parameter_id, names, "dictionary", displayed_if=there, depends_on=maker, values=tuple(values)
    )


def _extra(number: int) -> Parameter:
    parameter_id, shown = str(number), number - 309_999
    return Parameter(
        parameter_id,
        Names(f"Kolor elementu {shown}", f"Colour of element {shown}"),
        "dictionary",
        values=_values(parameter_id, *COLOURS),
    )


@cache
def shirts() -> tuple[Parameter, ...]:
    brands = tuple(Value(f"248900_{n}", _names(name)) for n, name in enumerate(brand_names(), start=1))
    brand = Parameter(
        "248900",
        _names("Marka", "Brand"),
        "dictionary",
        required=True,
        required_for_product=True,
        identifies_product=True,
        ambiguous_value_id=brands[-1].id,
        custom_values=True,
        values=brands,
    )
    collection = Parameter(
        "248901",
        _names("Kolekcja", "Collection"),
        "dictionary",
        depends_on="248900",
        values=(
            Value("248901_1", _names("letnia", "summer"), frozenset({"248900_1", "248900_2"})),
            Value("248901_2", _names("zimowa", "winter"), frozenset({"248900_1"})),
            Value("248901_3", _names("inna", "other")),
        ),
    )
    return (condition(), *codes(), brand, collection)


def brand_names() -> Iterator[str]:
    """Thirty thousand names that can be said, all different, and the one for all others."""
    starts = _cut("AlBeCoDaElFeGaHeInJoKaLuMaNoOrPeQuRoSiTo", 2)
    middles = _cut("babicedefogahijokalemonaporisatevizu", 2)
    ends = _cut("dexfitkonlanmaxnovorarisstatextontravasverwaxyarzen", 3)
    tails = ("", " Kids", " Sport", " Home", " Pro")
    made = dict.fromkeys("".join(parts) for parts in product(starts, middles, ends, tails))
    yield from islice(made, BRANDS - 1)
    yield "inna"


def _cut(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(0, len(text), length)]


#: By the name that the tree's data know them by.
LARGE: Mapping[str, Callable[[], tuple[Parameter, ...]]] = {"laptops": laptops, "shirts": shirts}
