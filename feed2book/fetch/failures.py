"""What went wrong on the network, in plain words: one line, the cause, the remedy where there is one."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from feed2book.errors import FetchError
from feed2book.fetch.guard import shown

_NETWORK = "check the network connection"
_LATER = "try again later"
_LOGIN = "give a login: https://user:password@host/… (or --header, --cookies, ~/.netrc)"

_STATUS = {
    401: ("the server asks for a login", _LOGIN),
    402: ("the server asks for money", ""),
    403: ("the server refuses access", "see in a browser whether it is open to all"),
    404: ("there is nothing at this address", "check the address"),
    407: ("the proxy asks for a login", "put it into the proxy's address: http://user:password@host:port"),
    410: ("it is gone for good", "remove it from your sources"),
    429: ("the server asks us to slow down", _LATER),
    451: ("the server may not show it for legal reasons", ""),
    503: ("the server is overloaded or closed for maintenance", _LATER),
}


def of_status(status: int, url: str) -> FetchError:
    """Return the error for an HTTP status that is neither success nor redirect."""
    message, remedy = _STATUS.get(status, ("", ""))
    if not message and status >= 500:
        message, remedy = "the server failed", _LATER
    error = FetchError(f"{message or 'the server refused'} ({status})", where=shown(url), remedy=remedy)
    error.status = status
    return error


def too_large(limit: int, url: str) -> FetchError:
    """Return the error for a body of more than ``limit`` bytes after decompression."""
    return FetchError(f"it is larger than {_size(limit)}", where=shown(url))


def too_much(limit: int, url: str) -> FetchError:
    """Return the error for a picture or page that comes after a run has had more than ``limit`` bytes."""
    message = f"the pictures and pages together are larger than {_size(limit)}"
    return FetchError(message, where=shown(url))


def _size(limit: int) -> str:
    return f"{round(limit / 1e6, 1):g} MB" if limit >= 1e5 else f"{limit} bytes"


def of_exception(error: Exception, url: str, seconds: float) -> FetchError:
    """Return the error for what the HTTP client or the system raised.

    Args:
        error: the exception; its chain of causes is searched for what the system said.
        url: what was asked for.
        seconds: how long we waited, for time-outs.
    """
    message, remedy = _explain(error, seconds)
    failure = FetchError(message, where=shown(url), remedy=remedy)
    failure.__cause__ = error
    return failure


def _explain(error: Exception, seconds: float) -> tuple[str, str]:
    kind = type(error).__name__
    if kind == "ProxyError":  # what the system said is about the proxy, not about the host
        return (
            "the proxy cannot be used",
            "check its address: --proxy, the source's proxy, HTTP_PROXY or HTTPS_PROXY",
        )
    for cause in causes(error):
        if isinstance(cause, socket.gaierror):
            return _explain_name(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its TLS certificate is not valid ({cause.verify_message})", ""
        if isinstance(cause, ssl.SSLError):
            return f"no secure connection ({cause.reason or 'TLS failed'})", ""
        if isinstance(cause, OSError) and cause.errno in _SYSTEM:
            return _SYSTEM[cause.errno]
    message, remedy = _KINDS.get(kind, ("the transfer failed", _LATER))
    return message.format(seconds=seconds), remedy


def _explain_name(error: socket.gaierror) -> tuple[str, str]:
    if error.errno == socket.EAI_AGAIN:
        return "host names cannot be looked up", _NETWORK
    return "there is no host of that name", "check the address and the network connection"


def doubt(error: Exception) -> int:
    """How much a failed connection makes one doubt the network itself.

    4: silence, from the host or from whoever should know its name, or a proxy's fault; 1: nobody knows
    the name (it may be gone, or the resolver knows nothing any more); 0: somebody answered, if only to
    refuse.
    """
    for cause in causes(error):
        if isinstance(cause, socket.gaierror):
            return 4 if cause.errno == socket.EAI_AGAIN else 1
    return 4 if type(error).__name__ in ("ConnectTimeout", "ProxyError") else 0


_SYSTEM = {
    errno.ECONNREFUSED: ("the host refuses connections", "check the address and the port"),
    errno.ECONNRESET: ("the connection broke off", _LATER),
    errno.EPIPE: ("the connection broke off", _LATER),
    errno.ENETUNREACH: ("the network cannot be reached", _NETWORK),
    errno.EHOSTUNREACH: ("the host cannot be reached", _NETWORK),
    errno.ENETDOWN: ("the network is down", _NETWORK),
}
_KINDS = {
    "ConnectTimeout": ("the host did not take the connection within {seconds:.3g} s", _NETWORK),
    "ReadTimeout": ("the host did not answer within {seconds:.3g} s", _LATER),
    "WriteTimeout": ("the host did not listen within {seconds:.3g} s", _LATER),
    "ConnectError": ("no connection", _NETWORK),
    "ReadError": ("the connection broke off", _LATER),
    "RemoteProtocolError": ("the connection broke off, or it is not a web server", _LATER),
    "DecodingError": ("its compression is damaged", _LATER),
    "InvalidURL": ("this is not a valid address", "check the address"),
    "LocalProtocolError": ("this is not a valid address", "check the address"),
}


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what caused it, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
