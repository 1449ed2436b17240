from __future__ import annotations

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmtui.formats.strict_json import DEEPEST, is_deep
from pmtui.store.records import Decoded, decode, encode

texts = st.text(st.characters(codec=None), max_size=40)  # lone surrogates too
records_ = st.lists(st.dictionaries(texts, st.one_of(texts, st.integers(), st.none(), st.booleans()), max_size=3), max_size=6)

SAMPLE: list[dict[str, Any]] = [{"n": n, "text": "é\n\u2028\ud800" * n} for n in range(5)]
WHOLE = b"".join(map(encode, SAMPLE))


@given(records_)
def test_what_is_written_is_read(records: list[dict[str, Any]]) -> None:
    decoded = decode(b"".join(map(encode, records)))
    assert decoded.records == records
    assert not decoded.damaged


def test_a_file_cut_at_any_byte_gives_every_whole_record() -> None:
    ends = [len(b"".join(map(encode, SAMPLE[: n + 1]))) for n in range(len(SAMPLE))]
    for cut in range(len(WHOLE) + 1):
        decoded = decode(WHOLE[:cut])
        # A record is whole without its line end, too.
        assert decoded.records == SAMPLE[: sum(end - 1 <= cut for end in ends)]
        assert not decoded.damaged


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_a_flipped_byte_costs_at_most_the_two_records_beside_it(flip: int) -> None:
    for at in range(len(WHOLE)):
        data = bytearray(WHOLE)
        data[at] ^= flip
        decoded = decode(bytes(data))
        kept = [record for record in SAMPLE if record in decoded.records]
        assert decoded.records == kept, "nothing is made up, and the order stays"
        assert len(kept) >= len(SAMPLE) - 2
        assert decoded.damaged or len(kept) >= len(SAMPLE) - 1, "a loss within the file is said"


def nested(levels: int) -> Any:
    data: Any = "leaf"
    for level in range(levels):
        data = [data] if level % 2 else {"in": data}
    return data


def test_depth_is_told_without_a_deep_stack() -> None:
    assert not is_deep(nested(DEEPEST - 1)) and not is_deep(None)
    assert is_deep(nested(DEEPEST)) and is_deep(nested(100_000))
    encode({"base": nested(DEEPEST - 1)})


def test_a_record_that_is_nested_too_deeply_counts_as_damaged() -> None:
    body = b"[" * 100_000 + b"]" * 100_000
    assert decode(b"%08x %s\n" % (zlib.crc32(body), body) + WHOLE) == Decoded(SAMPLE, damaged=True)


@given(st.binary(max_size=300))
def test_anything_can_be_decoded(data: bytes) -> None:
    decode(data)
    assert decode(data + b"\n" + WHOLE).records[-len(SAMPLE) :] == SAMPLE
