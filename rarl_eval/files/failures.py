"""Why a server could not be reached: the cause behind an error of the network, in a sentence, and what to do."""

import http.client
import os
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from rarl_eval.errors import Unreachable, first_line

SILENCE = 30.0
"""Seconds without a byte after which a server is given up; HF_HUB_DOWNLOAD_TIMEOUT says otherwise."""


class Declined(Unreachable):
    """The server answered, and not with what was asked for."""

    def __init__(self, told: str, status: int = 0, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(told)
        self.status = status
        self.headers = {name.lower(): value for name, value in (headers or {}).items()}


class Portal(OSError):
    """A web page came in place of data; the argument is whose."""


def silence() -> float:
    """Seconds without a byte after which a server is given up."""
    given = os.environ.get("HF_HUB_DOWNLOAD_TIMEOUT", "")
    return float(given) if given.isdigit() and int(given) else SILENCE


def cause_of(error: BaseException) -> BaseException | str:
    """Return the error behind an error of urllib."""
    named = isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError)
    return error.reason if named else error  # type: ignore[attr-defined]


def refused(address: str, error: BaseException, tries: int) -> Unreachable:
    """Return what is raised in the end; Declined where the server answered."""
    told = sentence(address, error) + (f", in each of {tries} tries" if tries > 1 else "")
    if isinstance(error, urllib.error.HTTPError):
        with error:
            return Declined(told, error.code, dict(error.headers.items()))
    return Unreachable(told)


def sentence(address: str, error: BaseException) -> str:
    """Say what went wrong in reaching an address, and what to do where that is on this side."""
    cause = cause_of(error)
    for kind, words in _WORDS:
        if isinstance(cause, kind):
            return words(address, cause)
    if "407" in str(cause):
        return _login(address)
    said = first_line(cause) if isinstance(cause, Exception) else str(cause)
    return f"{address} could not be read ({said}{_proxied(address)})"


def pause_of(error: BaseException) -> float:
    """Seconds that a server asks to wait, by ``Retry-After``, or by ``RateLimit`` (draft-ietf-httpapi-ratelimit)."""
    if not isinstance(error, urllib.error.HTTPError):
        return 0.0
    after = error.headers.get("Retry-After", "").strip()
    if after.isdigit():
        return float(after)
    if after:
        try:
            return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
        except ValueError:
            return 0.0
    limits = dict(part.strip().split("=", 1) for part in error.headers.get("RateLimit", "").split(";") if "=" in part)
    spent = error.code == http.client.TOO_MANY_REQUESTS and limits.get("r") == "0"
    return float(limits["t"]) + 1 if spent and limits.get("t", "").isdigit() else 0.0


def _answered(address: str, error: urllib.error.HTTPError) -> str:
    if error.code == http.client.PROXY_AUTHENTICATION_REQUIRED:
        return _login(address)
    if error.code == http.client.NETWORK_AUTHENTICATION_REQUIRED:
        return f"{address} answers 511: the network wants a login (a captive portal)"
    if error.code == http.client.TOO_MANY_REQUESTS:
        wait = pause_of(error)
        return f"{address} answers 429 (too many requests){f' and asks to wait {wait:.0f} s' if wait else ''}"
    reason = http.client.responses.get(error.code, "")
    return f"{address} answers {error.code}{f' ({reason})' if reason else ''}"


def _broken(address: str, error: http.client.IncompleteRead) -> str:
    return f"{address} broke off{f', {error.expected} bytes are missing' if error.expected else ''}"


def _page(address: str, error: Portal) -> str:
    return (
        f"{address} answers with a web page of {error} and not with data: does the network (a captive portal) or a "
        "proxy want a login?"
    )


def _silent(address: str, error: BaseException) -> str:  # noqa: ARG001
    return f"{address} sent nothing for {silence():.0f} s{_proxied(address)}"


def _unknown(address: str, error: BaseException) -> str:  # noqa: ARG001
    host = urlsplit(address).hostname
    return f"the name {host} is not found{_proxied(address)}; check the network, or set HTTPS_PROXY behind a proxy"


def _untrusted(address: str, error: ssl.SSLCertVerificationError) -> str:
    said = error.verify_message or first_line(error)
    return (
        f"the certificate of {urlsplit(address).hostname} is not trusted ({said}); "
        "where a proxy opens encrypted connections, name its certificate in SSL_CERT_FILE"
    )


def _closed(address: str, error: BaseException) -> str:  # noqa: ARG001
    return f"{urlsplit(address).netloc} refuses the connection{_proxied(address)}"


def _login(address: str) -> str:
    return f"the proxy wants a name and a password{_proxied(address)}; put them before its host: NAME:PASSWORD@HOST"


_WORDS: tuple[tuple[type[BaseException], Callable[[str, BaseException], str]], ...] = (
    (urllib.error.HTTPError, _answered),
    (http.client.IncompleteRead, _broken),
    (Portal, _page),
    (TimeoutError, _silent),
    (socket.gaierror, _unknown),
    (ssl.SSLCertVerificationError, _untrusted),
    (ConnectionRefusedError, _closed),
)  # type: ignore[assignment]


def _proxied(address: str) -> str:
    """Name the proxy that stands in between, without the password that it may hold."""
    parts = urlsplit(address)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.hostname or ""):
        return ""
    named = urlsplit(proxy if "://" in proxy else f"//{proxy}")
    return f" through the proxy {named.hostname}:{named.port} of {parts.scheme.upper()}_PROXY"
