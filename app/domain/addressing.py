"""The address by which the gateway finds a meter: the number, or all digits where that is not unique."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.domain.cold_rules import ColdRules
from app.domain.energy import COOLING_MEDIA, HEAT_MEDIA
from app.mbus.addresses import SecondaryAddress
from app.mbus.data_header import secondary_address
from app.mbus.records import Header
from app.message import Message


@dataclass(frozen=True, slots=True)
class AddressChoice:
    """The portal's ``secondary_ad``.

    Attributes:
        address: what the gateway is to select.
        note: what a person has to know about it; None where the number alone is enough.
    """

    address: SecondaryAddress
    note: Message | None = None


def gateway_address(
    serial: str,
    header: Header | None,
    others: Iterable[SecondaryAddress] = (),
    asked: SecondaryAddress | None = None,
) -> AddressChoice:
    """The address of a meter at its gateway: wildcards behind the number, unless another meter answers too.

    Whoever asks for a meter by all of its address knows that the number alone does not do, and the gateway is
    to ask for it in the same way.

    Args:
        serial: eight digits, as the meter answers to them.
        header: of its telegram; None where it has none.
        others: addresses known from the bus or the site's list; the meter's own may be among them, and one
            that is not exact says nothing.
        asked: what was typed of maker, version and medium beside the number; None where it was the number.
    """
    short = SecondaryAddress(serial)
    own = secondary_address(header) if header is not None else short
    twins = sorted(
        {other.text for other in others if other.is_exact and short.matches(other) and other != own}
    )
    if not twins and asked is not None and asked.is_exact and own.is_exact and asked.matches(own):
        return AddressChoice(own, _ASKED_BY_ALL)
    if not twins:
        return AddressChoice(short)
    values = {"serial": serial, "others": ", ".join(twins)}
    if not own.is_exact or not short.matches(own):
        return AddressChoice(
            short,
            Message(
                "Another meter on this bus answers to {serial} too ({others}), and this one does not tell "
                "the rest of its address: the gateway cannot tell them apart. Give one of them "
                "another number.",
                values,
            ),
        )
    return AddressChoice(
        own,
        Message(
            "Another meter on this bus answers to {serial} too ({others}), so the entry carries all 16 "
            "digits of the address.",
            values,
        ),
    )


_ASKED_BY_ALL: Final = Message(
    "The meter was asked by all 16 digits of its address, so the entry carries them too."
)


def shared_numbers(addresses: Iterable[SecondaryAddress]) -> tuple[tuple[SecondaryAddress, ...], ...]:
    """The meters that share their number with another one, by number."""
    found: dict[str, dict[SecondaryAddress, None]] = {}
    for address in addresses:
        if address.has_number:
            found.setdefault(address.identification, {})[address] = None
    return tuple(tuple(same) for same in found.values() if len(same) > 1)


def parts_of_one_meter(
    addresses: Iterable[SecondaryAddress], rules: ColdRules
) -> tuple[tuple[SecondaryAddress, SecondaryAddress], ...]:
    """Heat and cold parts that stand on the bus as two meters, the heat first."""
    known = list(dict.fromkeys(addresses))
    return tuple(
        (heat, cold)
        for heat in known
        for cold in known
        if heat.medium in HEAT_MEDIA and is_second_device(heat, cold, rules)
    )


def search_remarks(addresses: Iterable[SecondaryAddress], rules: ColdRules) -> tuple[Message, ...]:
    """What a person has to know about the meters that a search found."""
    known = list(dict.fromkeys(addresses))
    pairs = parts_of_one_meter(known, rules)
    remarks = [
        Message(
            "{heat} and {cold} are the heat and the cold part of one meter: each is an entry of its own.",
            {"heat": heat.text, "cold": cold.text},
        )
        for heat, cold in pairs
    ]
    remarks += [
        Message(
            "{count} meters bear the number {number}: read each by its whole address ({addresses}), which "
            "its entry gets too.",
            {"number": same[0].identification, "addresses": ", ".join(each.text for each in same)},
            count=len(same),
        )
        for same in shared_numbers(known)
    ]
    return tuple(remarks)


def is_second_device(first: SecondaryAddress, second: SecondaryAddress, rules: ColdRules) -> bool:
    """Whether two addresses are the heat and the cold part of one physical meter, in either order.

    Two meters with numbers in a row are common on a site, so a higher number counts only for makers that are
    known to number the cold part so; the same number with the other medium counts for all.
    """
    for heat, cold in ((first, second), (second, first)):
        if heat.medium in HEAT_MEDIA and cold.medium in COOLING_MEDIA:
            return any(way.fits(heat, cold) for way in rules.second_devices)
    return False
