"""A row that a client packs is the row that numpy reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.errors import EvidenceError
from harness.heard import ROW, Heard, ReadBack, digest
from harness.ledger import LEDGER, read_rows


def test_a_packed_row_reads_back_field_by_field() -> None:
    packed = ROW.pack(1, -2, 3, 4, 5, 2**64 - 1, 7, Heard.ACKNOWLEDGED, ReadBack.RIGHT, 201)

    [row] = np.frombuffer(packed, LEDGER)

    assert ROW.size == LEDGER.itemsize == 56
    assert tuple(row) == (1, -2, 3, 4, 5, 2**64 - 1, 7, 1, 1, 201)


def test_a_row_cut_short_by_a_crash_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "ledger.bin"
    file.write_bytes(bytes(56) + bytes(55))

    assert len(read_rows(file, LEDGER)) == 1


def test_a_missing_file_is_an_error_and_an_empty_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "empty.bin").touch()

    assert len(read_rows(tmp_path / "empty.bin", LEDGER)) == 0
    with pytest.raises(EvidenceError, match=r"none\.bin cannot be read"):
        read_rows(tmp_path / "none.bin", LEDGER)


def test_the_digest_is_the_beginning_of_the_md5() -> None:
    assert digest("") == 0xD41D8CD98F00B204
    assert digest("abc") == 0x900150983CD24FB0
