"""The portal's address: whatever form it was typed in, one spelling names one portal."""

import ipaddress
import re
from urllib.parse import quote, unquote, urlsplit

from app.message import Message
from app.portal.errors import PortalAddressError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(r"[.:]|^localhost$")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NO_PARTS = ("", ".", "..")


def normal_base_url(text: str) -> str:
    """The portal's address in its one spelling, without a slash at its end.

    Blanks, the case of scheme and host, a default port, doubled slashes and the spelling of percent signs
    make no difference; without a scheme https is meant. Uploads and passwords belong to this spelling.

    Raises:
        PortalAddressError: none that a password may be sent to: https alone, http only to this very computer.
    """
    typed = "".join(text.split())
    url = typed if _SCHEME.match(typed) else f"https://{typed}"
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        ascii_host = host if ":" in host else host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        parts, host, port, ascii_host = urlsplit(""), "", None, ""
    # A bare word without a scheme is a name that somebody typed into the wrong field.
    if not host or parts.scheme not in _DEFAULT_PORTS or not (url == typed or _HOST.search(host)):
        raise PortalAddressError(
            Message(
                "“{text}” is no address of a portal; it begins with https://.",
                {"text": _without_secrets(typed)[:80]},
            )
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise PortalAddressError(Message("The portal's address has more than a host and a path in it."))
    if parts.scheme == "http" and not is_loopback(host):
        raise PortalAddressError(
            Message(
                "The password would go to {host} unprotected; the portal's address needs https://.",
                {"host": host},
            )
        )
    shown_host = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    shown_port = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    path = "/".join(quote(unquote(part), safe="") for part in parts.path.split("/") if part not in _NO_PARTS)
    return f"{parts.scheme}://{shown_host}{shown_port}{'/' if path else ''}{path}"


_API_PATH = ("api", "v1")


def better_addresses(base_url: str) -> tuple[str, ...]:
    """Where on the same host a portal may be when there is none at an address; the likeliest first.

    Args:
        base_url: in its one spelling.
    """
    parts = urlsplit(base_url)
    path = tuple(part for part in parts.path.split("/") if part)
    host = f"{parts.scheme}://{parts.netloc}"
    at = next((at for at in range(len(path)) if path[at : at + 2] == _API_PATH), None)
    # Below an interface everything asks for a login: nothing there tells where it begins.
    inside = () if at is None else (path[: at + 2],)
    beside = () if at is not None else ((*path, *_API_PATH),)
    half = ((*path, _API_PATH[1]),) if path[-1:] == _API_PATH[:1] else ()
    tried = dict.fromkeys("/".join((host, *each)) for each in (*inside, *half, _API_PATH, *beside))
    return tuple(each for each in tried if each != base_url)


def _without_secrets(url: str) -> str:
    """An address for the eye: what stands before an ``@`` or in a query may be a password."""
    scheme = _SCHEME.match(url)
    rest = url[scheme.end() :] if scheme else url
    shown = rest.rpartition("@")[2].partition("?")[0].partition("#")[0]
    return f"{scheme[0] if scheme else ''}{shown}"


def is_loopback(host: str) -> bool:
    """Whether a host is this very computer."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
