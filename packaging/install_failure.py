"""Why an installer failed: its own words, turned into a cause and what to do about it."""

from __future__ import annotations

import re
from typing import NamedTuple


class Cause(NamedTuple):
    """One cause: how it is recognised, what a person is told, and whether trying again may help."""

    pattern: str
    sentence: str
    passes: bool = False


UNKNOWN = Cause("", "The cause is none that this script knows; the installer's own lines say it.")

# In this order: a full disk also breaks connections off, and a wrong certificate is a failed connection too.
CAUSES = (
    Cause(
        r"No space left on device|Errno 28|not enough space on the disk|os error 112",
        "The disk is full: make room, then start this command again.",
    ),
    Cause(
        r"Errno 13|Permission denied|os error 13|Access is denied|WinError 5\b|Read-only file system",
        "This folder, or a file of .venv that is in use, cannot be written: close what runs from it, or copy "
        "the project to a folder of your own.",
    ),
    Cause(
        r"DO NOT MATCH THE HASHES|[Hh]ash mismatch",
        "A package is not the one that the lock names: a proxy or mirror changed it, or a download broke "
        "off. Start the command again; if it stays, use another index.",
    ),
    Cause(
        r"must have their versions pinned|all requirements must|require-hashes mode",
        "The lock itself is not complete: packaging/locks is damaged or was edited by hand. Get it anew.",
    ),
    Cause(
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|certificate verify failed|SSLError"
        r"|UnknownIssuer",
        "The package index's certificate is not trusted here: a company's proxy opens the connection. Have "
        "its certificate in the system's store, and name it to pip with PIP_CERT.",
    ),
    Cause(
        r"407 Proxy|ProxyError|Proxy Authentication|Cannot connect to proxy|tunnel error",
        "The proxy refuses: check HTTPS_PROXY (address, user name, password).",
    ),
    Cause(
        r"Name or service not known|Temporary failure in name resolution|getaddrinfo failed|dns error"
        r"|failed to lookup address|Network is unreachable|No route to host|NewConnectionError"
        r"|Connection refused|client error \(Connect\)",
        "The package index cannot be reached: there is no network, or a firewall is in the way.",
        passes=True,
    ),
    Cause(
        r"[Tt]imed? ?out|Connection (reset|aborted|broken)|IncompleteRead|Connection closed"
        r"|RemoteDisconnected|(500|502|503|504) (Internal|Bad|Service|Gateway|Server)|429 "
        r"|error decoding response body",
        "The package index answers badly: the connection broke off or was too slow.",
        passes=True,
    ),
    Cause(
        r"No matching distribution|Could not find a version|no wheels? with a matching|no usable wheels"
        r"|not a supported wheel|because .* has no .*(wheel|version)|was not found in the package registry",
        "The package index has no build of a locked package for this Python and system. Python 3.11 to 3.13 "
        "of 64 bits on Linux with glibc or on Windows is supported; a mirror may also lack the package.",
    ),
)


def cause_of(output: str) -> Cause:
    """The first cause whose words stand in what the installer printed; :data:`UNKNOWN` where none does."""
    return next((cause for cause in CAUSES if re.search(cause.pattern, output)), UNKNOWN)
