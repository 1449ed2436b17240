"""Feeds random and mutated byte sequences to the input decoder: no text may leak or be lost, and nothing may raise.

    python -m tests.bench.terminal_input [COUNT] [--seed N]

Each sequence comes between "before " and "after", in pieces, with pauses between them. Printed: sequences, bytes,
sequences a second. A sequence that breaks a promise is printed as a Python literal, and the exit code is 1.

A *silent* sequence (reports, unknown sequences and strings, invalid UTF-8) must be dropped entirely. *Noise* (mutated and
random bytes) may be text; the decoder must recover after a pause. A *paste* must come out whole.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pmtui.tui.terminal.decoder import Decoder, Event, Pasted
from pmtui.tui.terminal.keys import Pressed, typed

BEFORE, AFTER = "before ", "after"
ESCAPE_DELAY = 0.1
PAUSES = (0.0, 0.0, 0.02, 0.09, 0.15, 0.4)
ANSWERS = (
    b"\x1b[?62;22;52c",  # DA1
    b"\x1b[?1;2c",
    b"\x1b[>41;390;0c",  # DA2
    b"\x1b[>0;276;0c",
    b"\x1bP!|464F4F54\x1b\\",  # DA3
    b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]11;rgb:0000/0000/0000\x07",
    b"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
    b"\x1b]52;c;c2VjcmV0\x07",
    b"\x1bP>|XTerm(390)\x1b\\",  # XTVERSION
    b"\x1bP1+r544e=787465726d\x1b\\",  # XTGETTCAP
    b"\x1bP1$r0m\x1b\\",  # DECRQSS
    b"\x1b[?2026;2$y",  # DECRPM
    b"\x1b[?2048;0$y",
    b"\x1b[4;2$y",
    b"\x1b[?29u",  # kitty
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b[24;80R",  # cursor
    b"\x1b[?24;80;1R",
    b"\x1b[0n",
    b"\x1b[?997;1n",
    b"\x1b[8;24;80t",
    b"\x1b[48;24;80;480;800t",
    b"\x1b[6;16;8t",
    b"\x1b]l a title\x1b\\",
    b"\x1b[I",
    b"\x1b[O",
    b"\x1b[<0;10;10M",
    b"\x1b[<35;10;10m",
    b"\x1b[<64;1;1M",
)
KEYS = (b"\x1b[A", b"\x1bOP", b"\x1b[1;5C", b"\x1b[3~", b"\x1b[97;1;97u", b"\x1b[115;5u", b"\x1b[200~x\r\ny\x1b[201~", b"\r", b"\x13")
_PRINTABLE = bytes(range(0x20, 0x7F))


def silent(rng: random.Random) -> bytes:
    """A sequence that types nothing."""
    match rng.randrange(6):
        case 0:
            return rng.choice(ANSWERS)
        case 1:
            parameters = bytes(rng.choices(range(0x30, 0x40), k=rng.randrange(12)))
            between = bytes(rng.choices(range(0x20, 0x30), k=rng.choice((0, 0, 0, 1, 2))))
            return b"\x1b[" + parameters + between + bytes([rng.choice([final for final in range(0x40, 0x7F) if final not in b"[u~"])])
        case 2:
            content = "".join(rng.choices("abc;:=?/ 0123456789é你", k=rng.choice((0, 3, 30)))).encode()
            return b"\x1b" + bytes([rng.choice(b"]P_^X")]) + content + rng.choice((b"\x07", b"\x1b\\"))
        case 3:
            return b"\x1bO" + bytes([rng.choice([final for final in range(0x40, 0x7F) if final not in b"jklmnopqrstuvwxyX"])])
        case 4:
            return b"\x1b[%d;%d:3u" % (rng.randrange(32, 0x11000), rng.randrange(1, 256))
        case _:
            return bytes(rng.choices((*range(0x80, 0xC0), 0xC0, 0xC1, *range(0xF5, 0x100)), k=rng.randrange(1, 5)))


def noise(rng: random.Random) -> bytes:
    """Random bytes, or sequences with some of their bytes changed, dropped or doubled."""
    if rng.random() < 0.4:
        return rng.randbytes(rng.randrange(1, 20))
    data = bytearray(b"".join(rng.choice((*ANSWERS, *KEYS)) for _ in range(rng.randrange(1, 4))))
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(data))
        data[at : at + rng.randrange(3)] = rng.choice((b"", b"\x1b", b"\x1b[", b"\x18", rng.randbytes(1), bytes([rng.choice(_PRINTABLE)])))
        data = data or bytearray(b"\x1b")
    return bytes(data)


def pieces(rng: random.Random, data: bytes) -> Iterator[tuple[bytes, float]]:
    """The data in pieces, each with the pause before it. Behind an ESC alone that has become the escape key, the rest is one."""
    repaired = data in ANSWERS or data[1:2] in b"]P_^X" or data.endswith((b"u", b"\x1b[201~"))  # though ESC came out as a key
    cuts = sorted({0, len(data), *(rng.randrange(len(data)) for _ in range(rng.choice((0, 1, 1, 2, 3))))})
    if rng.random() < 0.2:
        cuts = list(range(len(data) + 1))  # at every byte
    spent = 0.0
    for start, end in pairwise(cuts):
        pause = rng.choice(PAUSES) if start and spent < 1.5 and len(cuts) < 6 else 0.02 if start and len(data) < 50 else 0.0
        spent += pause
        if pause >= ESCAPE_DELAY and start == 1 and data[:1] == b"\x1b":
            yield data[start:], pause if repaired else 0.02
            return
        yield data[start:end], pause


def wrong(rng: random.Random) -> tuple[bytes, str]:
    """Try one sequence. Returns it, and which promise it broke; "" for none."""
    decoder, now = Decoder(ESCAPE_DELAY), 100.0
    events = decoder.feed(BEFORE.encode(), now)
    if events != list(map(typed, BEFORE)):
        return b"", f"typed before: {events}"
    kind = rng.choices((silent, noise, pasted), (5, 4, 1))[0]
    data = kind(rng)
    found: list[Event] = []
    for piece, pause in pieces(rng, data):
        now += pause
        found += decoder.feed(piece, now)
    if kind is noise or rng.random() < 0.5:
        now += 5
        found += decoder.tick(now)
        found += decoder.tick(now + 5)
        if decoder.deadline is not None:
            return data, "it still waits"
    last = decoder.feed(AFTER.encode(), now)
    if last != list(map(typed, AFTER)):
        return data, f"typed after: {last}"
    return data, _wrong_events(kind is pasted, kind is silent, data, found)


def _wrong_events(is_paste: bool, is_silent: bool, data: bytes, found: Sequence[Event]) -> str:
    text = "".join(event.character or "" for event in found if isinstance(event, Pressed))
    if is_silent and (any(character.isprintable() for character in text) or any(isinstance(event, Pasted) for event in found)):
        return f"it leaked: {found}"
    if is_paste:
        wanted = [Pasted(data[6:-6].decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", ""))]
        return "" if found == wanted or (data[:1] == b"\x1b" and found[1:] == wanted) else f"the paste: {found}"
    return ""


def pasted(rng: random.Random) -> bytes:
    """A bracketed paste of text, controls, sequences and invalid UTF-8."""
    kinds = (b"words ", b"\r", b"\n", b"\r\n", b"\t", b"\x1b", b"\x1b[31m", b"\x1b[200~", "é你".encode(), b"\xff", b"\x13", b"\x00")
    return b"\x1b[200~" + b"".join(rng.choices(kinds, k=rng.randrange(8))) + b"\x1b[201~"


def run(count: int, seed: int) -> tuple[int, list[str]]:
    """Try ``count`` sequences. Returns their bytes, and descriptions of failures."""
    rng = random.Random(seed)
    total, broken = 0, []
    for _ in range(count):
        data, why = wrong(rng)
        total += len(data)
        if why:
            broken.append(f"{data!r}: {why}")
    return total, broken


def main() -> int:
    parser = argparse.ArgumentParser(description="Random input for the decoder")
    parser.add_argument("count", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    started = time.perf_counter()
    total, broken = run(arguments.count, arguments.seed)
    seconds = time.perf_counter() - started
    print(f"{arguments.count} sequences, {total} bytes, {arguments.count / seconds:.0f} a second, {len(broken)} wrong")
    print("\n".join(broken[:20]))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
