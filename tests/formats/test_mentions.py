"""Mentions: whom they notify, and what a change has done to them."""

from __future__ import annotations

import pytest

from pmtui.formats.mentions import account_of, around_mentions, broken, mentions, misnamed, renamed

PAVEL, SAMUEL = "@[Pavel Novák](0892d5f5)", "@[Samuel Okafor](1f75)"
BEFORE = (f"- [ ] Tell the others {PAVEL} by friday", f"{SAMUEL} was there")


def test_both_forms_are_found_with_what_belongs_to_them() -> None:
    text = (
        r"see @[Jane \[ops\]](557:4a){accessLevel=CONTAINER}, @[](){id=\"a b\"} and @jane.doe@corp.example.com. Not jane@corp.com or @jane"
    )
    assert [(text[each.start : each.end], each.name, each.account) for each in mentions(text)] == [
        (r"@[Jane \[ops\]](557:4a){accessLevel=CONTAINER}", "Jane [ops]", "557:4a"),
        (r"@[](){id=\"a b\"}", "", r"{id=\"a b\"}"),
        ("@jane.doe@corp.example.com", "", "jane.doe@corp.example.com"),
    ]


def test_a_range_that_touches_a_mention_takes_all_of_it() -> None:
    line = f"a {PAVEL} b"
    start, end = 2, 2 + len(PAVEL)
    for range_ in ((end - 1, end), (start, start + 1), (5, 6), (0, 4)):
        assert around_mentions(line, *range_) == (min(start, range_[0]), end)
    assert around_mentions(line, end, end + 1) == (end, end + 1)
    assert around_mentions(line, 1, 2) == (1, 2)


def test_a_mention_that_names_one_and_notifies_another_is_told() -> None:
    wrong = BEFORE[0].replace("Pavel Novák", "Samuel Okafor")
    assert misnamed(BEFORE, [wrong, BEFORE[1]], {}) == ("name and account differ: @[Samuel Okafor] notifies Pavel Novák",)
    assert misnamed(["nothing"], [wrong], {"0892d5f5": "Pavel Novák"}) == (
        "name and account differ: @[Samuel Okafor] notifies Pavel Novák",
    )


def test_an_account_that_is_not_the_persons_is_told() -> None:
    cut = BEFORE[0].replace("0892d5f5", "0892d5f")
    assert misnamed(BEFORE, [cut], {}) == ("name and account differ: @[Pavel Novák] has another account than elsewhere, 0892d5f",)


@pytest.mark.parametrize(
    "after",
    [
        [*BEFORE],
        [f"{PAVEL} and {SAMUEL} and {PAVEL}"],
        [BEFORE[0].replace("Pavel Novák", "Pavel")],  # a part of the name
        [BEFORE[0].replace(PAVEL, "@[Lena](77)")],  # nobody knows who that is
        [],
    ],
)
def test_nothing_is_guessed(after: list[str]) -> None:
    assert misnamed(BEFORE, after, {}) == ()


def test_a_mention_that_was_wrong_on_the_server_already_is_not_told_again() -> None:
    assert misnamed(["@[Pavel](1f75)", SAMUEL], ["@[Pavel](1f75) again", SAMUEL], {}) == ()


@pytest.mark.parametrize(
    "left",
    [
        "@[Pavel Novák](0892d5f5",
        "Pavel Novák](0892d5f5)",
        "[Pavel Novák](0892d5f5)",
        "@Pavel Novák](0892d5f5)",
        "@[Pavel Novák]",
        "(0892d5f5)",
    ],
)
def test_what_is_left_of_a_mention_is_told(left: str) -> None:
    (said,) = broken(BEFORE, [BEFORE[0].replace(PAVEL, left), BEFORE[1]])
    assert said.startswith("a mention became plain text: ")
    assert left.split()[-1] in said


@pytest.mark.parametrize("left", ["@jane.doe", "jane.doe@corp.com", "@jane.doe@corp", "jane.doe@corp"])
def test_what_is_left_of_a_handle_is_told(left: str) -> None:
    assert broken(["ask @jane.doe@corp.com"], [f"ask {left} now"]) == (f"a mention became plain text: {left} now",)


@pytest.mark.parametrize("after", [["nobody"], [BEFORE[1], BEFORE[0]], [f"{PAVEL} {SAMUEL} {SAMUEL}"], ["Pavel Novák was told"]])
def test_a_mention_that_was_taken_out_or_moved_is_no_damage(after: list[str]) -> None:
    assert broken(BEFORE, after) == ()


def test_a_person_is_known_by_one_account_only() -> None:
    assert account_of("samuel okafor", BEFORE, {}) == "1f75"
    assert account_of("Samuel Okafor", [], {"9": "Samuel Okafor"}) == "9"
    assert account_of("Samuel Okafor", BEFORE, {"9": "Samuel Okafor"}) == ""
    assert account_of("Samuel", BEFORE, {}) == ""


def test_a_replaced_name_brings_its_account_where_it_is_known() -> None:
    before = f"a {PAVEL} b {PAVEL}"
    after = before.replace("Pavel Novák", "Samuel Okafor", 1)
    made = renamed(before, after, BEFORE, {})
    assert made.text == f"a {SAMUEL} b {PAVEL}"
    assert made.told == ("@[Samuel Okafor] has the account of that name",)
    made = renamed(before, before.replace("Pavel", "Lena"), BEFORE, {})
    assert made.text == before.replace("Pavel", "Lena")
    assert made.told == ("@[Lena Novák] still notifies Pavel Novák: no account of that name is known",)
    assert renamed(before, "gone", BEFORE, {}).text == "gone"
    assert renamed(before, before + " and more", BEFORE, {}).told == ()
