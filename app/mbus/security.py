"""Encrypted telegrams: security modes 5 and 7 of EN 13757-7 (AES-128 in CBC), with the meter's own key.

``cryptography`` is imported on first use, so that whoever reads plain meters never loads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from app.mbus.authentication import Authentication
from app.mbus.errors import EncodeError, FrameError, FrameErrorKind
from app.mbus.records import Header
from app.message import Message

BLOCK: Final = 16
KEY_SIZE: Final = 16
IDLE: Final = b"\x2f\x2f"
"""What a decrypted text begins with, so that a wrong key shows."""
MODE_FIXED_IV: Final = 7
MODE_HEADER_IV: Final = 5
_MODES_OPENED: Final = (MODE_HEADER_IV, MODE_FIXED_IV)
_ENCRYPTED_MODES: Final = frozenset((2, 3, 5, 7, 8, 9, 10, 13))
ENCRYPTION: Final = 0x00
AUTHENTICATION: Final = 0x01
_DERIVATION_PADDING: Final = 0x07


class KeySource(Protocol):
    """Whoever knows keys; asked only when a telegram is encrypted."""

    def of(self, identification: str) -> bytes | None:
        """The sixteen bytes of a meter's key, by its eight digits; None when it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class MeterKeys:
    """The keys of encrypted meters; they never show in a text.

    Attributes:
        by_identification: 16 bytes each, by the eight digits of the meter.
        default: for a meter that has none of its own.
    """

    by_identification: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    default: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        keys = [*self.by_identification.values(), *((self.default,) if self.default is not None else ())]
        if any(len(key) != KEY_SIZE for key in keys):
            raise EncodeError(f"a key has {KEY_SIZE} bytes")

    def of(self, identification: str) -> bytes | None:
        """The key of a meter, None when none is known."""
        return self.by_identification.get(identification, self.default)


NO_KEYS: Final = MeterKeys()


def security_mode(header: Header) -> int:
    """The security mode of the configuration field."""
    return header.signature[1] & 0x1F


def protected_size(header: Header, data: bytes) -> int | None:
    """How many bytes behind the header belong to its encrypted part; None for a plain telegram.

    Before there was encryption, makers sent whatever they liked in these two bytes. So a mode that does not
    exist, or more blocks of a mode hardly anybody has than there are data, means plain data. In the usual
    modes it means that data got lost: then all that is left is encrypted.
    """
    extension = extension_size(header)
    mode, size = security_mode(header), (header.signature[0] >> 4) * BLOCK
    if mode not in _ENCRYPTED_MODES or not size or data[extension : extension + 2] == IDLE:
        return None
    if extension + size <= len(data):
        return extension + size
    return len(data) if mode in _MODES_OPENED else None


def extension_size(header: Header) -> int:
    """Bytes of the configuration field beyond its first two."""
    return 1 if security_mode(header) == MODE_FIXED_IV else 0


def decrypt(
    header: Header, data: bytes, keys: KeySource, seal: Authentication, message: bytes = b""
) -> bytes:
    """The data behind a header with its encrypted part made plain; all bytes keep their places.

    Args:
        header: whose configuration field tells what is encrypted (:func:`protected_size` is not None).
        data: what follows it.
        keys: the keys known.
        seal: the authentication layer in front.
        message: all bytes from the CI field on, which the authentication code covers.

    Raises:
        FrameError: no key is known, it is the wrong one, the mode is not supported, or the code does not fit.
    """
    mode = security_mode(header)
    if mode not in _MODES_OPENED:
        raise _refusal("security mode {mode} is not supported, only 5 and 7 are", mode=mode)
    if not header.wire_address:
        raise _refusal("the short header does not tell whose key it needs")
    meter = header.identification
    key = keys.of(meter)
    if key is None:
        raise _refusal("the data of meter {meter} is encrypted and its key is not known", meter=meter)
    if len(key) != KEY_SIZE:
        raise _refusal(
            "the key of meter {meter} has {got} bytes instead of {size}",
            meter=meter,
            got=len(key),
            size=KEY_SIZE,
        )
    start = extension_size(header)
    end = start + (header.signature[0] >> 4) * BLOCK
    missing = end - len(data)
    if missing > 0:
        raise _refusal(
            "{count} bytes of the encrypted data of meter {meter} are missing", count=missing, meter=meter
        )
    if mode == MODE_FIXED_IV:
        vector, used = bytes(BLOCK), derived_key(key, ENCRYPTION, seal.counter, header)
    else:
        vector, used = initial_vector(header), key
    plain = cbc_decrypt(used, vector, data[start:end])
    if not plain.startswith(IDLE):
        raise _refusal("the key does not fit meter {meter}, though its frame arrived whole", meter=meter)
    if seal.code and authentication_code(key, header, seal, message) != seal.code:
        raise _refusal(
            "the key fits meter {meter}, but its message does not fit the code it came with", meter=meter
        )
    return data[:start] + plain + data[end:]


def authentication_code(key: bytes, header: Header, seal: Authentication, message: bytes) -> bytes:
    """The code of a message, cut to the length of the one it came with."""
    used = derived_key(key, AUTHENTICATION, seal.counter, header)
    return cmac(used, seal.covered + message)[: len(seal.code)]


def initial_vector(header: Header) -> bytes:
    """Of mode 5: manufacturer, identification, version, medium, and eight times the access number."""
    wire = header.wire_address
    return wire[4:6] + wire[:4] + wire[6:] + bytes((header.access_number,)) * 8


def derived_key(key: bytes, purpose: int, counter: bytes, header: Header) -> bytes:
    """Of mode 7: the key of one message, from the meter's key, the message counter and the identification."""
    meter = header.wire_address[:4]
    text = bytes((purpose,)) + counter + meter
    return cmac(key, text + bytes((_DERIVATION_PADDING,)) * (BLOCK - len(text)))


def cmac(key: bytes, text: bytes) -> bytes:
    """The AES-CMAC of a text."""
    from cryptography.hazmat.primitives.ciphers.algorithms import AES  # noqa: PLC0415 - loaded on first use
    from cryptography.hazmat.primitives.cmac import CMAC  # noqa: PLC0415 - loaded on first use

    code = CMAC(AES(key))
    code.update(text)
    return code.finalize()


def cbc_decrypt(key: bytes, vector: bytes, cipher_text: bytes) -> bytes:
    """AES in CBC mode, backwards."""
    from cryptography.hazmat.primitives.ciphers import Cipher  # noqa: PLC0415 - loaded on first use
    from cryptography.hazmat.primitives.ciphers.algorithms import AES  # noqa: PLC0415 - loaded on first use
    from cryptography.hazmat.primitives.ciphers.modes import CBC  # noqa: PLC0415 - loaded on first use

    decryptor = Cipher(AES(key), CBC(vector)).decryptor()
    return decryptor.update(cipher_text) + decryptor.finalize()


def cbc_encrypt(key: bytes, vector: bytes, plain: bytes) -> bytes:
    """AES in CBC mode; the text is a multiple of sixteen bytes."""
    from cryptography.hazmat.primitives.ciphers import Cipher  # noqa: PLC0415 - loaded on first use
    from cryptography.hazmat.primitives.ciphers.algorithms import AES  # noqa: PLC0415 - loaded on first use
    from cryptography.hazmat.primitives.ciphers.modes import CBC  # noqa: PLC0415 - loaded on first use

    encryptor = Cipher(AES(key), CBC(vector)).encryptor()
    return encryptor.update(plain) + encryptor.finalize()


def _refusal(sentence: str, **values: object) -> FrameError:
    return FrameError(FrameErrorKind.ENCRYPTED, Message(sentence, values))
