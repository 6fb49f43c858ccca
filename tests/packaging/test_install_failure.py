"""A failed installation names its cause; "is there a network?" is no answer to a full disk."""

import pytest

from tests.fakes.scripts import load_script

failure = load_script("install_failure")

SAID = {
    "OSError: [Errno 28] No space left on device": "The disk is full",
    "Could not install packages due to an OSError: [Errno 13] Permission denied: '.venv/x'": "be written",
    "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.": "not the one that the lock names",
    "In --require-hashes mode, all requirements must have their versions pinned with ==.": "lock itself",
    "error: invalid peer certificate: UnknownIssuer": "certificate is not trusted",
    "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed": "not trusted",
    "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy": "proxy refuses",
    "Failed to establish a new connection: [Errno -2] Name or service not known": "cannot be reached",
    "error: dns error: failed to lookup address information": "cannot be reached",
    "HTTPSConnectionPool: Read timed out. (read timeout=15)": "answers badly",
    "ERROR: No matching distribution found for pyside6-essentials==6.11.3": "no build",
    "Because a==1 has no wheels with a matching platform tag (e.g., `musllinux_1_2_x86_64`)": "no build",
}


@pytest.mark.parametrize(("said", "told"), SAID.items())
def test_each_cause_is_told_in_its_own_words(said: str, told: str) -> None:
    assert told in failure.cause_of(f"WARNING: x\n{said}\nmore").sentence


def test_an_unknown_cause_is_not_blamed_on_the_network() -> None:
    cause = failure.cause_of("Segmentation fault")
    assert cause is failure.UNKNOWN
    assert "network" not in cause.sentence


def test_only_what_may_pass_by_itself_is_tried_again() -> None:
    again = [cause.sentence for cause in failure.CAUSES if cause.passes]
    assert len(again) == 2
    assert all("index" in sentence for sentence in again)
