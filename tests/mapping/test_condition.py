"""The conditions of maps."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.mapping.condition import Values, compile_condition
from adapters.mapping.run import Run

SENT = {"PID-8": ["F"], "PID-32": ["VALI", "HOMD"], "XAD.type": ["BDL"], "ZFM-2": []}


def values(path: str) -> Values:
    if path not in SENT:
        raise ValueError(f"{path} is not a path")
    return lambda run, scope: SENT[path]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("PID-8 = F", True),
        ("PID-8 = M", False),
        ("PID-8 != M", True),
        ("PID-32 = HOMD", True),
        ("PID-32 != HOMD", False),
        ("PID-32 in (PROV, VALI)", True),
        ("PID-32 not in (DOUT, FICT)", True),
        ("PID-32 not in (DOUT, HOMD)", False),
        ("exists ZFM-2", False),
        ("not exists ZFM-2", True),
        ("ZFM-2 = 8", False),
        ("ZFM-2 != 8", True),
        ('XAD.type = "BDL"', True),
        ('XAD.type matches "B.."', True),
        ('XAD.type matches "B"', False),
        ("PID-8 = M or PID-8 = F and XAD.type = BDL", True),
        ("(PID-8 = M or PID-8 = F) and XAD.type = H", False),
        ("not (PID-8 = F and XAD.type = H)", True),
        ('PID-8 = "and"', False),
    ],
)
def test_conditions(text: str, holds: bool) -> None:
    assert compile_condition(text, values)(Run(None, None), {}) is holds


@pytest.mark.parametrize(
    "text", ["", "PID-8", "PID-8 =", "= F", "PID-8 = F and", "PID-8 in F", "PID-8 in (F", "PID-8 in ()", "(PID-8 = F", "PID-8 = F)",
             "PID-8 = F PID-8 = M", 'PID-8 matches "("', "PID-9 = 1", "exists", 'PID-8 = "F']
)  # fmt: skip
def test_what_is_no_condition_is_an_error_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        compile_condition(text, values)
    assert len(str(caught.value)) > 10


def test_the_regular_expression_must_match_the_whole_value() -> None:
    found: Any = compile_condition('PID-8 matches "F|M"', values)
    assert found(Run(None, None), {}) is True
