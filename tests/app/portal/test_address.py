"""The portal's address: however typed it names one portal, and never one that may not get a password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.portal.address import normal_base_url
from app.portal.errors import PortalAddressError

ONE = "https://portal.example/api/v1"


@pytest.mark.parametrize(
    "typed",
    [
        ONE,
        ONE + "/",
        f"  {ONE}//  ",
        "portal.example/api/v1",
        "PORTAL.Example/api/v1",
        "HTTPS://Portal.Example:443/api/v1/",
        "https://portal.example./api//v1",
        "https://portal.example/%61pi/v1",
        "https://portal.example/x/../api/v1".replace("x/../", "./"),
        "https://portal.\nexample/api/v1",
    ],
)
def test_one_portal_has_one_spelling(typed: str) -> None:
    """Uploads and passwords belong to the spelling: two would be two accounts."""
    assert normal_base_url(typed) == ONE


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("localhost:8080", "https://localhost:8080"),
        ("http://localhost:80/api", "http://localhost/api"),
        ("http://[::1]:8", "http://[::1]:8"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://portal.example:8443", "https://portal.example:8443"),
    ],
)
def test_what_differs_stays_different(typed: str, normal: str) -> None:
    assert normal_base_url(typed) == normal


@given(st.text(max_size=40) | st.text(alphabet="htps:/.@?#[]%a1 ", max_size=20))
def test_whatever_is_typed_is_an_address_or_a_sentence(typed: str) -> None:
    try:
        normal = normal_base_url(typed)
    except PortalAddressError:
        return
    assert normal_base_url(normal) == normal
    assert normal.startswith(("https://", "http://localhost", "http://127.", "http://[::1]"))
