"""ADT messages about one stay of a fictive person, as short as PAM France allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST = datetime(2026, 3, 2, 8)
CANCELLED_BY = {
    "A01": "A11", "A02": "A12", "A03": "A13", "A04": "A11", "A05": "A38", "A06": "A07", "A07": "A06", "A14": "A27", "A16": "A25",
    "A21": "A52", "A22": "A53", "A54": "A55",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One word about a movement. `event` is what the movement came with, `hour` when it happened, `recorded` when that was written down."""

    event: str
    number: int
    action: str = "INSERT"
    hour: int = 0
    recorded: int = 0
    ward: str = ""
    letter: str = "I"
    doctor: str = ""
    home: bool = False

    @property
    def trigger(self) -> str:
        if self.action == "CANCEL":
            return CANCELLED_BY[self.event]
        return "Z99" if self.action == "UPDATE" else self.event


def at(hour: int) -> str:
    return (FIRST + timedelta(hours=hour)).strftime("%Y%m%d%H%M%S")


def written(minute: int) -> str:
    return (FIRST + timedelta(minutes=minute)).strftime("%Y%m%d%H%M%S")


def adt(said: Said, control: str, *, visit: str = "26030001", ipp: str = "700123", more: tuple[str, ...] = ()) -> bytes:
    doctor = f"10199900027^{said.doctor}^Loïc^^^Dr^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^L^^^RPPS" if said.doctor else ""
    ward = f"{said.ward}^^^^^CHU-EXEMPLE&339990012&N^UF^^^{said.ward}" if said.ward else ""
    original = said.event if said.action != "INSERT" else ""
    segments = [
        rf"MSH|^~\&|DPI-EXEMPLE|CHU-EXEMPLE|PASSERELLE|DAC-EXEMPLE|{written(said.recorded)}||ADT^{said.trigger}|{control}|T|2.5^FRA^2.11"
        "|||||FRA|UNICODE UTF-8|FR",
        f"EVN||{written(said.recorded)}",
        f"PID|1||{ipp}^^^CHU-EXEMPLE&339990012&N^PI||TEST-ÉLOÏSE^Marguerite^^^^^L||19400517|F|||||||||||||||||||||||||PROV",
        f"PV1|1|{said.letter}|||||{doctor}||||||||||||{visit}^^^CHU-EXEMPLE&339990012&N^VN",
        f"ZBE|{said.number}^CHU-EXEMPLE^339990012|{at(said.hour)}||{said.action}|N|{original}|{ward}||HMS",
        *(["ZFM|8|8|5|D"] if said.home else []),
        *more,
    ]
    return ("\r".join(segments) + "\r").encode()
