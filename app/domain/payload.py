"""What the portal gets: the register list as the Python literal it wants, and the meter's fields."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext

from app.domain.errors import FactorError, RegisterListError
from app.domain.meter import MeterType
from app.message import Message

FACTOR_DIGITS = 15
"""Significant digits of a factor: as many as survive in the double the gateway makes of it."""

_LONGEST_REG_TEXT = 20_000
_SMALLEST_PLAIN_EXPONENT = -5


@dataclass(frozen=True, slots=True)
class RegEntry:
    """One dict of the register list; a factor of None is absent there, DIB and VIB are upper-case hex."""

    unit: str
    factor: Decimal | None
    dib: str
    vib: str


@dataclass(frozen=True, slots=True)
class MeterEntry:
    """One meter as the portal stores it: the fields of its form, both additional settings as strings."""

    name: str
    type: MeterType
    prim_ad: str
    gateway_id: str
    model: str
    protocol: str
    baudrate: int
    mode: str
    secondary_ad: str
    reg: str


def parse_factor(text: str) -> Decimal | None:
    """Reads a factor a person typed; empty means none. A comma is taken as the decimal sign.

    Raises:
        FactorError: no number, zero, negative, or more digits than the list can carry.
    """
    compact = text.strip().replace(",", ".")
    if not compact:
        return None
    try:
        factor = Decimal(compact)
    except InvalidOperation:
        raise FactorError(Message("“{text}” is no number.", {"text": text.strip()[:40]})) from None
    if not factor.is_finite() or factor <= 0 or not -30 <= factor.adjusted() <= 30:
        raise FactorError(Message("A factor is a number above 0, such as 0.001."))
    if len(factor.normalize().as_tuple().digits) > FACTOR_DIGITS:
        raise FactorError(
            Message("A factor has at most {digits} significant digits.", {"digits": FACTOR_DIGITS})
        )
    return factor


def format_factor(factor: Decimal) -> str:
    """A Python number literal with the same value: ``0.001``, ``60``, ``2.77777777777778e-07``."""
    with localcontext() as context:
        context.prec = FACTOR_DIGITS
        rounded = factor.normalize(context)
    if rounded.adjusted() >= _SMALLEST_PLAIN_EXPONENT:
        return f"{rounded:f}"
    mantissa, _, exponent = f"{rounded:e}".partition("e")
    return f"{mantissa}e-{abs(int(exponent)):02d}"


def format_reg_entry(entry: RegEntry) -> str:
    """One dict of the list, keys in the portal's order: unit, factor, dib, vib."""
    factor = "" if entry.factor is None else f"'factor': {format_factor(entry.factor)}, "
    return f"{{'unit': '{entry.unit}', {factor}'dib': '{entry.dib}', 'vib': '{entry.vib}'}}"


def format_reg(entries: Iterable[RegEntry]) -> str:
    """The portal's ``reg``: a Python literal, to the letter of the documentation."""
    return f"[{', '.join(format_reg_entry(entry) for entry in entries)}]"


def parse_reg(text: str) -> tuple[RegEntry, ...]:
    """Reads a ``reg`` text back; hostile until parsed: nothing in it is ever run.

    Raises:
        RegisterListError: it is no list of dicts with unit, dib, vib and perhaps factor.
    """
    if len(text) > _LONGEST_REG_TEXT:
        raise RegisterListError(Message("The register list is longer than any meter needs."))
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise RegisterListError(Message("The register list is no Python list.")) from None
    if not isinstance(tree, ast.List):
        raise RegisterListError(Message("The register list is no Python list."))
    return tuple(_entry(text.strip(), node, number) for number, node in enumerate(tree.elts, start=1))


def _entry(source: str, node: ast.expr, number: int) -> RegEntry:
    if not isinstance(node, ast.Dict):
        raise RegisterListError(Message("Item {number} of the register list is no dict.", {"number": number}))
    fields: dict[str, Decimal | str | None] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or key.value not in ("unit", "factor", "dib", "vib"):
            raise RegisterListError(
                Message("Item {number} of the register list has an unknown key.", {"number": number})
            )
        fields[key.value] = (
            _factor(source, value, number) if key.value == "factor" else _text(value, key.value, number)
        )
    for name in ("unit", "dib", "vib"):
        if name not in fields:
            raise RegisterListError(
                Message("Item {number} of the register list has no {name}.", {"number": number, "name": name})
            )
    factor = fields.get("factor")
    return RegEntry(
        unit=str(fields["unit"]),
        factor=factor if isinstance(factor, Decimal) else None,
        dib=str(fields["dib"]).upper(),
        vib=str(fields["vib"]).upper(),
    )


def _text(value: ast.expr, name: str, number: int) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
        if name == "unit":
            if re.fullmatch(r"\w+", value.value):
                return value.value
        elif _is_hex(value.value):
            return value.value
    raise RegisterListError(
        Message("Item {number} of the register list has no usable {name}.", {"number": number, "name": name})
    )


def _is_hex(text: str) -> bool:
    try:
        return bool(bytes.fromhex(text))
    except ValueError:
        return False


def _factor(source: str, value: ast.expr, number: int) -> Decimal | None:
    if isinstance(value, ast.Constant) and value.value is None:
        return None
    if isinstance(value, ast.Constant) and type(value.value) in (int, float):
        # The digits as written, not the float made of them: exact to the portal and back.
        digits = ast.get_source_segment(source, value) or ""
        try:
            return Decimal(digits)
        except InvalidOperation:
            pass
    raise RegisterListError(
        Message("Item {number} of the register list has a factor that is no number.", {"number": number})
    )
