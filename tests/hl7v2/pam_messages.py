"""Messages of IHE PAM France made by chance, the same ones for the same seed.

Every event, with repetitions, escapes, subcomponents, Z segments, `""`, French letters, three character sets. Persons are invented, the INS
is of the test range.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.hl7v2.conftest import MESSAGES

STRUCTURES = {
    "A01": "ADT_A01", "A02": "ADT_A02", "A03": "ADT_A03", "A04": "ADT_A01", "A05": "ADT_A05", "A06": "ADT_A06", "A07": "ADT_A06",
    "A08": "ADT_A01", "A11": "ADT_A09", "A12": "ADT_A12", "A13": "ADT_A01", "A14": "ADT_A05", "A21": "ADT_A21", "A22": "ADT_A21",
    "A25": "ADT_A21", "A28": "ADT_A05", "A31": "ADT_A05", "A38": "ADT_A38", "A40": "ADT_A39", "A47": "ADT_A30", "A52": "ADT_A52",
    "A53": "ADT_A52", "A54": "ADT_A54", "A55": "ADT_A52", "Z99": "ADT_A01",
}  # fmt: skip
"""Events of PAM France and the structure that MSH-9.3 names."""

OF_IDENTITY = ("A28", "A31", "A40", "A47")
CHARSETS = {"UNICODE UTF-8": "utf-8", "8859/15": "iso8859-15", "8859/1": "latin-1"}
FAMILIES = ("TEST-LEFÈVRE", "D\\T\\OR-FICTIF", "L'ÉTANG-TEST", "GARÇON-DE-L'ESSAI", "ØRSTED-TEST", "N'GUYÊN-FICTIF", "TEST\\R\\TILDE")
GIVEN = ("Élodie", "Jean\\S\\Noël", "Maëlle", "Zoé", "François-Xavier", "Aïcha", "René \\E\\ Paul")
STREETS = ("12 rue de la Fontaine", "3 bis, allée \\F\\ du Bourg", "Lieu-dit « Chez Test »", "Bât. C\\T\\D", "")
AUTHORITIES = ("CHU-EXEMPLE&1.2.250.1.999.1&ISO", "CH-ESSAI&339990012&N", "CLINIQUE-FICTIVE&339990020&N", "&1.2.250.1.999.4&ISO")
INS = "240053399901230^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS^^20240105"


@dataclass(frozen=True)
class Generator:
    """Makes one message of an event for each seed."""

    event: str
    random: Random

    @classmethod
    def of(cls, event: str, seed: int) -> Generator:
        return cls(event, Random(f"{event} {seed}"))

    def message(self) -> bytes:
        charset = self.random.choice(list(CHARSETS))
        lines = [self._msh(charset), self._evn(), self._pid(), *self._others()]
        return "".join(line + "\r" for line in lines).encode(CHARSETS[charset])

    def _maybe(self, *values: str) -> str:
        """One of the values, nothing, or what deletes."""
        return self.random.choice([*values, *values, "", '""'])

    def _time(self) -> str:
        random = self.random
        day = f"20{random.randint(24, 27)}{random.randint(1, 12):02d}{random.randint(1, 28):02d}"
        whole = f"{day}{random.randint(0, 23):02d}{random.randint(0, 59):02d}00"
        return random.choice([whole, whole, whole[:8], whole[:12], whole + "+0100", whole + ".1234"])

    def _number(self) -> str:
        return str(self.random.randint(1, 9_999_999))

    def _repeated(self, make: object, most: int = 3) -> str:
        return "~".join(make() for _ in range(self.random.randint(1, most)))  # type: ignore[operator]

    def _msh(self, charset: str) -> str:
        asked = self.random.choice(["||", "||", "AL|NE|", "AL|AL|", "NE|AL|"])
        kind = f"ADT^{self.event}^{STRUCTURES[self.event]}"
        return (
            f"MSH|^~\\&|GAM&1.2.250.1.999.7&ISO|CHU-EXEMPLE|PASSERELLE|DAC|{self._time()}||{kind}|{self._number()}|T|2.5^FRA^2.11|||"
            f"{asked}FRA|{charset}|FR||2.11^IHE_FRANCE-2.11-PAM"
        )

    def _evn(self) -> str:
        return f"EVN||{self._time()}|{self._maybe(self._time())}||{self._maybe('4^DUPONT-TEST^Noé')}|{self._maybe(self._time())}"

    def _cx(self) -> str:
        return f"{self._number()}^^^{self.random.choice(AUTHORITIES)}^{self.random.choice(['PI', 'PI', 'VN', 'AN'])}"

    def _xpn(self) -> str:
        random = self.random
        parts = [
            random.choice(FAMILIES),
            random.choice(GIVEN),
            random.choice(["", *GIVEN]),
            "",
            random.choice(["", "M.", "Dr"]),
            "",
            random.choice("LDSU"),
        ]
        return "^".join(parts)

    def _xad(self) -> str:
        random = self.random
        town = f"Sainte-Foy-l'Étang^^33{random.randint(100, 999)}^FRA"
        return f"{random.choice(STREETS)}^{random.choice(STREETS)}^{town}^{random.choice('HOC')}"

    def _xtn(self) -> str:
        return self.random.choice(
            ["^PRN^PH^^^^^^^^^0599990001", "^NET^Internet^essai@exemple.invalid", "^PRN^CP^^33^^699990001", "0599990002^WPN^PH"]
        )

    def _xcn(self) -> str:
        name = f"{self.random.choice(FAMILIES)}^{self.random.choice(GIVEN)}^^^Dr"
        return f"1019990{self.random.randint(1000, 9999)}^{name}^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^L^^^RPPS"

    def _pid(self) -> str:
        random = self.random
        numbers = "~".join([self._cx(), *random.choice([[], [INS], [self._cx(), INS]])])
        fields = {
            1: "1", 3: numbers, 5: self._repeated(self._xpn), 7: random.choice(["19400517", "194005", "1940"]), 8: random.choice("MFUO"),
            11: self._repeated(self._xad), 13: self._maybe(self._repeated(self._xtn)), 14: self._maybe(self._xtn()),
            16: self._maybe("M^Marié(e)"), 18: self._cx(), 21: self._maybe(self._cx()), 25: self._maybe("1"), 29: self._maybe(self._time()),
            30: random.choice(["", "Y", "N"]), 32: random.choice(["VALI", "PROV", "VALI~USUR", "DOUT~FICT", ""]),
            33: self._maybe(self._time()),
        }  # fmt: skip
        return _line("PID", fields)

    def _others(self) -> Iterator[str]:
        random = self.random
        if random.random() < 0.5:
            yield _line("PD1", {4: self._xcn(), 12: random.choice("YN")})
        for _ in range(random.randint(0, 2)):
            yield _line(
                "ROL", {2: "UC", 3: random.choice(["ODRP", "AT^Traitant"]), 4: self._xcn(), 11: self._xad(), 12: self._repeated(self._xtn)}
            )
        if self.event in ("A40", "A47"):
            yield _line("MRG", {1: self._repeated(self._cx, 2), 7: self._maybe(self._xpn())})
            return
        for number in range(1, random.randint(1, 3)):
            yield _line(
                "NK1",
                {
                    1: str(number),
                    2: self._xpn(),
                    3: "SPO^Conjoint",
                    4: self._xad(),
                    5: self._xtn(),
                    7: random.choice("CKE"),
                    33: self._cx(),
                },
            )
        yield self._pv1()
        if random.random() < 0.7:
            yield _line(
                "PV2", {3: "^Bilan de chutes répétées", 8: self._maybe(self._time()), 9: self._maybe(self._time()), 23: "CH^L^^^^^^^^330"}
            )
        if self.event not in OF_IDENTITY:
            yield from self._movement()
        if random.random() < 0.5:
            yield _line("ZFD", {3: "N", 4: random.choice("YN"), 5: "INSI", 6: "20260110"})
        if random.random() < 0.3:
            yield "ZZZ|unknown^to&everyone|~|^|&\\F\\&"

    def _pv1(self) -> str:
        random = self.random
        place = "^".join(["4210", "204", random.choice("FP"), "CHU-EXEMPLE&339990012&N", "O"])
        fields = {
            1: "1", 2: random.choice("IOERN"), 3: place, 6: self._maybe(place), 7: self._repeated(self._xcn), 8: self._maybe(self._xcn()),
            10: self._maybe("181"), 17: self._maybe(self._xcn()), 19: self._cx(), 36: random.choice(["", "3", "4", "E", "B"]),
            37: random.choice(["", "339990038^20260309"]), 41: self._maybe("D"), 44: self._time(), 45: self._maybe(self._time()),
        }  # fmt: skip
        return _line("PV1", fields)

    def _movement(self) -> Iterator[str]:
        random = self.random
        ward = "Gériatrie aiguë^^^^^CHU-EXEMPLE&339990012&N^UF^^^4210"
        fields = {
            1: f"{self._number()}^CHU-EXEMPLE^339990012", 2: self._time(), 4: random.choice(["INSERT", "UPDATE", "CANCEL"]),
            5: random.choice("YN"), 6: self._maybe("A01"), 7: ward, 8: self._maybe(ward), 9: random.choice(["HMS", "M", "S", "H"]),
        }  # fmt: skip
        yield _line("ZBE", fields)
        if random.random() < 0.5:
            yield _line("ZFA", {1: "ACTIF", 2: self._time(), 9: "INO", 10: self._time(), 11: "IC", 12: self._time()})
        if random.random() < 0.5:
            yield _line(
                "ZFV",
                {
                    1: "339990046^20260301",
                    2: "TAXI",
                    6: self._xad().replace("^H", "^ORI") + "~" + self._xad().replace("^H", "^DST"),
                    10: "1",
                },
            )
        if random.random() < 0.5:
            yield _line("ZFM", {1: random.choice("0678"), 2: random.choice("045678"), 3: "5", 4: random.choice("1234567DR")})


def _line(name: str, fields: dict[int, str]) -> str:
    return "|".join([name, *(fields.get(number, "") for number in range(1, max(fields) + 1))])


HAND_MADE = (
    "MSH|^~\\&|A|B|C|D|20260101||ADT^A01^ADT_A01|1|T|2.5^FRA^2.11\rEVN||20260101\rPID|1||1^^^X&&\rPV1||I\r",
    'MSH|^~\\&|A|B|C|D|20260101||ADT^A31^ADT_A05|2|T|2.5\rEVN||20260101\rPID|1||1^^^X~~2||""^""^""~Z^^^^^^L||""\rPV1||N\r',
    "MSH|^~\\&|A|B|C|D|20260101||ADT^A03^ADT_A03|3|T|2.5\rEVN||20260101\rPID|||||A\\F\\B\\S\\C\\T\\D\\R\\E\\E\\F^^^^^^L\rPV1||I|||||||||\r",
    "MSH|^~\\&|A|B|C|D|20260101||ADT^A28^ADT_A05|4|T|2.5\rEVN||20260101\rPID|||1||||||||A&B&C^D~E&&F\rPV1||N\rNK1|1\rNK1|2|X\r",
    "MSH|^~\\&|A|B|C|D|20260101||ADT^Z99^ADT_A01|5|T|2.5\rEVN||20260101\rPID|||1||X\rPV1||I\rZBE|1||||||||\rZBE|2|a~b^c&d\rZXY|||||||x\r",
    "MSH|^~\\&|||||||ADT^A01^ADT_A01||T|2.5\rEVN||20260101\rPID|||"
    + "~".join(f"{number}^^^X&1.2.{number}&ISO^PI" for number in range(200))
    + "\rPV1||I\r",
)


def corpus(event: str, count: int) -> list[bytes]:
    """So many messages of an event, and before them those of our own that are of it."""
    own = [*(file.read_bytes() for file in sorted(MESSAGES.glob("*.er7"))), *(text.encode() for text in HAND_MADE)]
    mine = [raw for raw in own if raw.split(b"|")[8].split(b"^")[1] == event.encode()]
    return [*mine, *(Generator.of(event, seed).message() for seed in range(count))]
