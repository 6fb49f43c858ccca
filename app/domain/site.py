"""Where meters hang: a site (the portal's installation) and its gateways."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Installation:
    """One site of the portal account.

    Attributes:
        site_id: the portal's id.
        name: as the portal calls it; empty where only the id is known yet.
        site_ref: the owner's own reference; empty without one.
        street: street and number.
        postal_code: as text, leading zeros kept.
        city: name of the place.
        timezone: IANA name, e.g. ``Europe/Zurich``; empty when not told.
    """

    site_id: str
    name: str = ""
    site_ref: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    timezone: str = ""

    @property
    def label(self) -> str:
        """What a person knows the site by: its name, else its street, else its id."""
        return self.name or self.street or self.site_id

    @property
    def address(self) -> str:
        """Street and place on one line; empty when not told."""
        place = " ".join(part for part in (self.postal_code, self.city) if part)
        return ", ".join(part for part in (self.street, place) if part)


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway of a site: what the meters hang on.

    Attributes:
        id: the portal's id.
        name: as the portal calls it.
        serial: the gateway's own serial number; empty when not told.
        local_url: its address on the site's own network; empty when not told.
    """

    id: str
    name: str
    serial: str = ""
    local_url: str = ""
