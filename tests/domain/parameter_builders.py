"""Parameters for tests, as Allegro's JSON words them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from allegro_module.domain.parameters import Parameter, read_parameters


def raw(parameter_id: str, kind: str = "string", name: str = "", **members: Any) -> dict[str, Any]:
    """`options` and `restrictions` may be left out; `values` are names, or (name, parents' ids)."""
    values = members.pop("values", None)
    entry: dict[str, Any] = {
        "id": parameter_id,
        "name": name or f"Cecha {parameter_id}",
        "type": kind,
        **members,
    }
    if values is not None:
        entry["dictionary"] = [
            {
                "id": f"{parameter_id}_{number}",
                "value": value if isinstance(value, str) else value[0],
                "dependsOnValueIds": [] if isinstance(value, str) else value[1],
            }
            for number, value in enumerate(values, start=1)
        ]
    return entry


def read(*entries: dict[str, Any]) -> tuple[Parameter, ...]:
    return read_parameters(entries)


def when(other: str, *value_ids: str) -> dict[str, Any]:
    return {
        "parametersWithValue": [{"id": other, "oneOfValueIds": list(value_ids)}],
        "parametersWithoutValue": [],
    }


def without(other: str) -> dict[str, Any]:
    return {"parametersWithValue": [], "parametersWithoutValue": [{"id": other}]}


def ids(*value_ids: str) -> dict[str, Any]:
    return {"values_ids": list(value_ids)}


def texts(*values: str) -> dict[str, Any]:
    return {"values": list(values)}


NAMES = ("A", "B", "C", "D", "E")


@st.composite
def categories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Five parameters that depend on each other in any way, circles included."""
    return [_entry(draw, name) for name in NAMES]


def _entry(draw: st.DrawFn, name: str) -> dict[str, Any]:
    other = draw(st.sampled_from([each for each in NAMES if each != name]))
    if draw(st.booleans()) and name != "A":
        entry = raw(name, "string", restrictions={"maxLength": 5, "allowedNumberOfValues": 1})
    else:
        entry = raw(
            name,
            "dictionary",
            values=["jeden", ("dwa", draw(parents(other))), ("trzy", draw(parents(other)))],
        )
        entry["restrictions"] = {"multipleChoices": draw(st.booleans())}
        entry["options"] = {"dependsOnParameterId": other if draw(st.booleans()) else None}
    entry["options"] = {**entry.get("options", {}), "describesProduct": draw(st.booleans())}
    entry["required"] = draw(st.booleans())
    entry["displayedIf"] = draw(
        st.none() | st.just(when(draw(st.sampled_from(NAMES)), f"{other}_1", f"{other}_2"))
    )
    entry["requiredIf"] = draw(st.none() | st.sampled_from([when(other, f"{other}_1"), without(other)]))
    return entry


def parents(other: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([f"{other}_1", f"{other}_2", f"{other}_3"]), max_size=2, unique=True)


def any_answers() -> st.SearchStrategy[dict[str, dict[str, Any]]]:
    """Right and wrong ones, for parameters that exist and one that does not."""
    values = st.lists(st.sampled_from(["", " ", "x", "1,5", "za długi tekst"]), max_size=2)
    value_ids = st.lists(
        st.sampled_from([f"{name}_{n}" for name in NAMES for n in (1, 2, 3)] + ["?"]), max_size=2
    )
    one = st.fixed_dictionaries(
        {}, optional={"values": values, "values_ids": value_ids, "custom": st.text(max_size=3)}
    )
    return st.dictionaries(st.sampled_from([*NAMES, "unknown"]), one, max_size=6)
