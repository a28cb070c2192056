"""Pictures that Allegro fetches by their address: of simulated hosts, our own, or from this machine."""

from __future__ import annotations

import io
import ipaddress
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from PIL import Image

from allegro_module.simulator.findings import Finding, finding
from allegro_module.simulator.http import Refusal

MOST_BYTES = 26_200_000
LOOPBACK = ("localhost",)
FAULTS = {404: "NotFound", 429: "TooManyRequests", 502: "BadGateway"}


@dataclass(frozen=True)
class HostedPicture:
    """What stands under an address somewhere: a picture of a size, or an answer that is none.

    `fails` downloads fail with `status` before it is there; `too_slow` never answers in time.
    """

    width: int = 1200
    height: int = 900
    format: str = "JPEG"
    status: int = 200
    fails: int | None = None
    too_slow: bool = False

    def fault(self) -> str | None:
        """The code of Allegro's refusal; None when the picture comes."""
        if self.too_slow:
            return "UploadImageRequestTimeoutException"
        if self.status == 200 or self.fails == 0:
            return None
        return fault_of(self.status)

    def after_a_try(self) -> HostedPicture:
        return self if not self.fails else replace(self, fails=self.fails - 1)

    def data(self) -> bytes:
        buffer = io.BytesIO()
        Image.new("RGB", (self.width, self.height), "darkorange").save(buffer, self.format)
        return buffer.getvalue()


def fault_of(status: int) -> str:
    kind = FAULTS.get(status, "InternalServerError" if status >= 500 else "BadRequest")
    return f"DownloadError.{kind}"


def fault_of_address(url: str) -> str | None:
    """A domain name, not an IP address, by http or https."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or _is_ip(parts.hostname):
        return "DownloadError.BadRequest"
    return None


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def about(code: str, url: str, path: str) -> Finding:
    return finding(code, path, metadata={"imageUrl": url}, url=url)


def refused(code: str, url: str) -> Refusal:
    return Refusal(422, about(code, url, "url").problem)


def downloaded(url: str) -> bytes:
    """From this machine: the simulator asks nobody else."""
    if urlsplit(url).hostname not in LOOPBACK:
        raise refused("DownloadError.BadGateway", url)
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:  # noqa: S310 - the scheme was checked
            data: bytes = reply.read(MOST_BYTES + 1)
            return data
    except urllib.error.HTTPError as error:
        raise refused(fault_of(error.code), url) from None
    except OSError:
        raise refused("UploadImageRequestTimeoutException", url) from None
