"""Whom a few letters mean."""

from __future__ import annotations

import pytest

from pmtui.formats.typed_name import best_first, called_so, spelled_so, the_one
from pmtui.model.values import Named, Person

JANE = Person("3f0c9a12-0000", "Jane Doe", "jane.doe@example.com")
LENA = Person("u-lena", "Lena Fischer", "lena.fischer@example.com")
MARA = Person("u-mara", "Mara López", "mara.lopez@example.com")
HELEN = Person("u-helen", "Helen Park", "helen.park@example.com")
KIM = Person("u-kim", "", "kim@example.com")
ALEX = Person("u-alex", "Ada Lee", "alex@example.com")
EVERYBODY = [JANE, HELEN, LENA, MARA, KIM, ALEX]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("le", [LENA, ALEX, HELEN]),  # Lena begins so, Lee is a part, Helen has it inside; "example" is nobody's name
        ("example", []),
        ("@example.com", []),
        ("com", []),
        ("kim", [KIM]),
        ("doe", [JANE]),
        ("doe ja", [JANE]),
        ("jane doe", [JANE]),
        ("lopez", [MARA]),
        ("LÓPEZ", [MARA]),
        ("jane.doe@example.com", [JANE]),
        ("jane.doe@ex", [JANE]),
        ("3f0c9a12", [JANE]),
        ("3f0c", []),
        ("", EVERYBODY),
        ("zzz", []),
        (" . ", [JANE, HELEN, LENA, MARA]),
    ],
)
def test_parts_of_names_come_before_letters_inside(text: str, wanted: list[Person]) -> None:
    assert best_first(EVERYBODY, text) == wanted


def test_who_is_called_so_comes_first_however_many_begin_so() -> None:
    jo = Person("u-jo", "Jo")
    assert best_first([*(Person(f"u-{number}", f"Joe {number}") for number in range(30)), jo], "JO")[0] == jo


def test_an_at_before_a_handle_and_another_case_are_the_same_name_but_another_spelling() -> None:
    for text in ("@jane.doe@example.com", "JANE DOE", " jane.doe"):
        assert called_so(EVERYBODY, text) == [JANE], text
        assert spelled_so(EVERYBODY, text) == [], text
    for text in ("jane.doe@example.com", "Jane Doe", "3f0c9a12-0000"):
        assert spelled_so(EVERYBODY, text) == [JANE], text


def test_each_is_found_once() -> None:
    assert best_first([JANE, JANE], "jane") == [JANE]


def test_who_is_meant_beyond_doubt() -> None:
    auth, proxy = Named("auth", "auth"), Named("auth-proxy", "auth-proxy")
    assert the_one([auth, proxy], "auth") == auth
    assert the_one([auth, proxy], "aut") is None
    assert the_one([proxy], "aut") == proxy
    assert the_one([], "aut") is None
    assert called_so(EVERYBODY, "jane.doe") == [JANE]
    assert called_so(EVERYBODY, "u-kim") == [KIM]
