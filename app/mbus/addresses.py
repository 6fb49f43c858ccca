"""Primary and secondary addresses (EN 13757-2 and -3)."""

from dataclasses import dataclass

from app.mbus.errors import EncodeError

PRIMARY_MAX = 250
SELECTED_METER = 0xFD
BROADCAST_ANSWERED = 0xFE
BROADCAST_SILENT = 0xFF
UNKNOWN_IDENTIFICATION = "FFFFFFFF"
"""Wildcards for all digits: of a meter whose answer names no number."""
UNKNOWN_OCTET = 0xFF
"""Wildcard of version and medium."""
UNKNOWN_MAKER = 0xFFFF
"""Wildcard of the manufacturer."""

_HEX = frozenset("0123456789ABCDEF")


@dataclass(frozen=True, slots=True)
class SecondaryAddress:
    """Who is selected: identification, manufacturer, version and medium, each part may be a wildcard.

    Attributes:
        identification: eight hex digits as printed on the meter; ``F`` is the wildcard of one digit.
        manufacturer: the two bytes of the manufacturer code as a little-endian integer, None for any.
        version: None for any.
        medium: device type code, None for any.
    """

    identification: str
    manufacturer: int | None = None
    version: int | None = None
    medium: int | None = None

    def __post_init__(self) -> None:
        if len(self.identification) != 8 or not _HEX.issuperset(self.identification):
            raise EncodeError(f"an identification has 8 digits of 0-9 and A-F, got {self.identification!r}")

    @classmethod
    def parse(cls, text: str) -> "SecondaryAddress":
        """Reads the sixteen hex digits of the portal's ``secondary_ad``, e.g. ``92811594FFFFFFFF``."""
        try:
            wire = bytes.fromhex(text)
        except ValueError:
            wire = b""
        if len(wire) != 8:
            raise EncodeError(f"a secondary address has 16 hex digits, got {text!r}")
        return cls.from_bytes(wire)

    @classmethod
    def from_bytes(cls, wire: bytes) -> "SecondaryAddress":
        """Reads the eight bytes as they stand in a selection or in the header of an answer."""
        manufacturer = int.from_bytes(wire[4:6], "little")
        return cls(
            identification=wire[3::-1].hex().upper(),
            manufacturer=None if manufacturer == UNKNOWN_MAKER else manufacturer,
            version=None if wire[6] == UNKNOWN_OCTET else wire[6],
            medium=None if wire[7] == UNKNOWN_OCTET else wire[7],
        )

    def to_bytes(self) -> bytes:
        """The eight bytes of a selection, least significant byte first."""
        maker = UNKNOWN_MAKER if self.manufacturer is None else self.manufacturer
        version = UNKNOWN_OCTET if self.version is None else self.version
        medium = UNKNOWN_OCTET if self.medium is None else self.medium
        return (
            bytes.fromhex(self.identification)[::-1] + maker.to_bytes(2, "little") + bytes((version, medium))
        )

    @property
    def text(self) -> str:
        """Sixteen upper-case hex digits, as the portal's ``secondary_ad`` spells it."""
        return self.to_bytes().hex().upper()

    @property
    def has_number(self) -> bool:
        """Whether any digit of the identification is known."""
        return self.identification != UNKNOWN_IDENTIFICATION

    @property
    def is_exact(self) -> bool:
        """Whether it names one meter in the world: number, manufacturer, version and medium are known."""
        return self.has_number and None not in (self.manufacturer, self.version, self.medium)

    def matches(self, other: "SecondaryAddress") -> bool:
        """Whether a meter with the address ``other`` answers to this one; what it does not tell fits all."""
        digits_fit = not other.has_number or all(
            mine in ("F", theirs)
            for mine, theirs in zip(self.identification, other.identification, strict=True)
        )
        return digits_fit and all(
            mine == theirs or None in (mine, theirs)
            for mine, theirs in (
                (self.manufacturer, other.manufacturer),
                (self.version, other.version),
                (self.medium, other.medium),
            )
        )
