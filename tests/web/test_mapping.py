"""The mapping: what is mapped and whence; by hand, by suggestion, by a table that is whole or nothing."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from allegro_module.db.accounts import Account
from allegro_module.db.audit import list_latest
from allegro_module.db.categories import Category
from allegro_module.db.mappings import AttributeMapping, CategoryMapping, ValueMapping, key_of
from allegro_module.domain.mappings import MappedBy
from allegro_module.runtime import Runtime
from tests.domain.parameter_builders import ids, raw
from tests.memory_shop import a_product
from tests.web.browsing import words_of
from tests.web.conftest import NOW, Host, a_linked_account

MAPPING = "/backend/allegro/config/mapping"
RINGS, MUGS = "123428", "67413"
PARAMETERS = [
    raw("1", "dictionary", "Materiał", values=["Złoto", "Srebro"], restrictions={"multipleChoices": True}),
    raw("2", "string", "Próba"),
    raw("4", "integer", "Wysokość", unit="cm", restrictions={"range": True}),
]


@pytest.fixture
def account(session: Session, host: Host) -> Account:
    host.shop.add_product(a_product(category_id="rings", category_name="Pierścionki"))
    host.shop.add_product(
        replace(a_product("KB-1"), category_id="mugs", category_name="Kubki", attributes={"Pojemność": "300"})
    )
    for allegro_id, name in ((RINGS, "Pierścionki"), (MUGS, "Kubki")):
        session.add(
            Category(
                environment="simulator",
                allegro_id=allegro_id,
                name=name,
                path=f"Sklep › {name}",
                is_leaf=True,
                options={},
                fetched_at=NOW,
                parameters=PARAMETERS,
                parameters_fetched_at=NOW,
            )
        )
    return a_linked_account(session, host)


def map_category(session: Session, mapped_by: MappedBy = MappedBy.SELLER, key: str = "rings") -> None:
    session.add(
        CategoryMapping(
            environment="simulator",
            shop_category_id=key,
            category_id=RINGS,
            mapped_by=mapped_by,
            uses=3,
            changed_at=NOW,
        )
    )
    session.commit()


def read_back(browser: FlaskClient, text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    form = {"file": (io.BytesIO(data), "mapowanie.csv")}
    answer = browser.post(f"{MAPPING}/import", data=form, content_type="multipart/form-data")
    return words_of(answer if answer.status_code != 303 else browser.get(answer.location))


def mappings(session: Session) -> int:
    session.rollback()
    kinds = (CategoryMapping, AttributeMapping, ValueMapping)
    return sum(session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds)


def test_without_an_account_the_page_says_so(browser: FlaskClient) -> None:
    assert "Nie ma jeszcze powiązanego konta" in words_of(browser.get(MAPPING))


def test_each_mapping_says_where_it_comes_from(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    map_category(session, MappedBy.LEARNED)

    words = words_of(browser.get(MAPPING))

    assert "Sklep › Pierścionki" in words
    assert "Nauczone z 3 ofert" in words
    assert "1 kategoria sklepu nie ma mapowania" in words


def test_a_category_is_searched_by_the_shops_name_and_chosen(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    page = browser.get(f"{MAPPING}/category?key=mugs")
    assert "Sklep › Kubki" in words_of(page)

    browser.post(f"{MAPPING}/category", data={"key": "mugs", "category": MUGS})

    row = session.scalars(select(CategoryMapping)).one()
    assert (row.shop_category_id, row.category_id, row.mapped_by) == ("mugs", MUGS, MappedBy.SELLER)
    assert list_latest(session)[0].action == "mapping_saved"


def test_a_category_that_takes_no_offers_is_not_taken(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    answer = browser.post(f"{MAPPING}/category", data={"key": "mugs", "category": "none"})

    assert "nie można wystawić oferty" in words_of(browser.get(answer.location))
    assert mappings(session) == 0


def test_suggestions_are_accepted_singly_or_all_together(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    for key in ("rings", "mugs", "other"):
        map_category(session, MappedBy.SUGGESTED, key)
    assert "Przyjmij 3 podpowiedzi" in words_of(browser.get(MAPPING))

    browser.post(f"{MAPPING}/accept", data={"key": "mugs"})
    states = dict(session.execute(select(CategoryMapping.shop_category_id, CategoryMapping.mapped_by)).all())
    session.rollback()
    assert states == {
        "mugs": MappedBy.SELLER,
        "rings": MappedBy.SUGGESTED,
        "other": MappedBy.SUGGESTED,
    }

    browser.post(f"{MAPPING}/accept")
    assert set(session.scalars(select(CategoryMapping.mapped_by))) == {MappedBy.SELLER}


def test_a_queue_that_is_down_is_told(browser: FlaskClient, account: Account) -> None:
    answer = browser.post(f"{MAPPING}/suggest")

    assert "Kolejka nie odpowiada" in words_of(browser.get(answer.location))


def test_a_feature_and_a_value_are_mapped_by_hand(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    map_category(session)
    browser.post(f"{MAPPING}/attribute", data={"category": RINGS, "attribute": "Kruszec", "parameter": "1"})
    browser.post(
        f"{MAPPING}/value",
        data={"category": RINGS, "parameter": "1", "value": "dwukolorowe", "meant": "Złoto | Srebro"},
    )

    assert session.scalars(select(AttributeMapping.parameter_id)).one() == "1"
    assert session.scalars(select(ValueMapping.answer)).one() == ids("1_1", "1_2")
    session.rollback()
    words = words_of(browser.get(f"{MAPPING}?view=values"))
    assert "dwukolorowe" in words
    assert "Złoto | Srebro" in words


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    map_category(session)

    answer = browser.post(
        f"{MAPPING}/value", data={"category": RINGS, "parameter": "1", "value": "różowe", "meant": "Platyna"}
    )

    assert answer.status_code == 422
    assert "„Materiał” na Allegro nie przyjmuje wartości „Platyna”." in words_of(answer)
    assert 'value="różowe"' in answer.text
    assert 'value="Platyna"' in answer.text
    assert mappings(session) == 1


def test_a_mapping_is_deleted(session: Session, browser: FlaskClient, account: Account) -> None:
    map_category(session)

    browser.post(f"{MAPPING}/delete", data={"view": "categories", "key": "rings"})

    assert mappings(session) == 0


def test_the_table_comes_back_as_it_went_out(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    map_category(session)
    session.add(
        AttributeMapping(
            environment="simulator",
            attribute="-Kruszec",
            attribute_key=key_of("-Kruszec"),
            parameter_id="1",
            mapped_by=MappedBy.SELLER,
            changed_at=NOW,
        )
    )
    for number, (parameter_id, answer) in enumerate(
        (("1", ids("1_1", "1_2")), ("2", {"values": ["585"]}), ("4", {"range": {"from": "5", "to": "10"}}))
    ):
        session.add(
            ValueMapping(
                environment="simulator",
                category_id=RINGS,
                parameter_id=parameter_id,
                value=("=0", "'n roll", "'=2")[number],
                value_key=("=0", "'n roll", "'=2")[number],
                answer=answer,
                mapped_by=MappedBy.SELLER,
                changed_at=NOW,
            )
        )
    session.commit()
    text = browser.get(f"{MAPPING}/export.csv").text

    assert "Tabela zmieniła 0 mapowań." in read_back(browser, text)
    session.query(ValueMapping).delete()
    session.query(AttributeMapping).delete()
    session.commit()
    assert "Tabela zmieniła 4 mapowania." in read_back(browser, text)
    assert browser.get(f"{MAPPING}/export.csv").text == text


def test_a_table_with_a_wrong_line_is_not_taken_over(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    table = (
        "rodzaj;w sklepie;id kategorii Allegro;id parametru Allegro;wartość Allegro;objaśnienie\n"
        f"kategoria;rings;{RINGS};;;\n"
        "kategoria;mugs;999;;;\n"
        f"wartość;złoto;{RINGS};1;Platyna;\n"
        f"cecha;Kruszec;{RINGS};77;;\n"
        "coś;x;;;;\n"
    )

    words = read_back(browser, table)

    assert "4 wiersze są błędne" in words
    assert "Wiersz 3: Allegro nie ma kategorii o numerze 999." in words
    assert "Wiersz 4: „Materiał” na Allegro nie przyjmuje wartości „Platyna”." in words
    assert "Wiersz 5:" in words
    assert "Wiersz 6: W pierwszej kolumnie" in words
    assert mappings(session) == 0


def test_two_lines_that_contradict_each_other_are_told(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    table = f"kategoria;rings;{RINGS};;;\nkategoria;rings;{RINGS};;;\nkategoria;rings;{MUGS};;;\n"

    words = read_back(browser, table)

    assert "1 wiersz jest błędny" in words
    assert "Wiersz 3: Wiersz 1 mapuje to samo na coś innego." in words
    assert mappings(session) == 0


def test_a_cell_that_no_reader_takes_is_told_with_its_line(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    words = read_back(browser, f"kategoria;rings;{RINGS};;;\nkategoria;{'x' * 140_000};{RINGS};;;\n")

    assert "Wiersz 2: Komórka w tym wierszu jest za długa na mapowanie." in words
    assert mappings(session) == 0


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02"])
def test_a_file_that_is_no_table_is_refused(browser: FlaskClient, account: Account, data: bytes) -> None:
    assert "To nie jest plik CSV" in read_back(browser, data)


def test_a_table_of_an_old_spreadsheet_is_read(
    session: Session, browser: FlaskClient, account: Account
) -> None:
    text = f"kategoria;Świece żółte;{RINGS};;;\n"

    assert "Tabela zmieniła 1 mapowanie." in read_back(browser, text.encode("cp1250"))
    assert session.scalars(select(CategoryMapping.shop_category_id)).one() == "Świece żółte"


@pytest.mark.parametrize("view", ["categories", "attributes", "values"])
def test_two_thousand_mappings_cost_no_more_statements_than_two(
    host: Host, session: Session, browser: FlaskClient, account: Account, view: str
) -> None:
    for number in range(2000):
        session.add(
            ValueMapping(
                environment="simulator",
                category_id=RINGS,
                parameter_id="2",
                value=f"próba {number}",
                value_key=f"próba {number}",
                answer={"values": [str(number)]},
                mapped_by=MappedBy.LEARNED,
                changed_at=NOW,
            )
        )
    map_category(session)
    browser.get(MAPPING)
    found: list[str] = []

    def note(*arguments: object) -> None:
        found.append(str(arguments[2]))

    engine = host.runtime.db.engine
    event.listen(engine, "before_cursor_execute", note)
    page = browser.get(f"{MAPPING}?view={view}")
    event.remove(engine, "before_cursor_execute", note)

    assert page.status_code == 200
    # One of them is the head's.
    assert len([each for each in found if each.startswith("SELECT")]) - 1 < 6, found


def test_what_is_mapped_accepted_or_imported_rings_for_its_parameters(
    session: Session, browser: FlaskClient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []

    def ring(runtime: Runtime, account_id: int) -> bool:
        rung.append(account_id)
        return True

    for page in ("mapping", "mapping_edit"):
        monkeypatch.setattr(f"allegro_module.web.{page}.ring_fetch_mapped_parameters", ring)

    browser.post(f"{MAPPING}/category", data={"key": "mugs", "category": MUGS})
    assert rung == [account.id]
    map_category(session, MappedBy.SUGGESTED)
    browser.post(f"{MAPPING}/accept")
    assert rung == [account.id] * 2
    read_back(browser, browser.get(f"{MAPPING}/export.csv").text)
    assert rung == [account.id] * 3
    browser.post(f"{MAPPING}/category", data={"key": "mugs", "category": "none"})
    read_back(browser, "no;table")
    browser.get(MAPPING)
    assert rung == [account.id] * 3
