"""Mail: one letter handed to the shop's own mail server."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

SECONDS = 10.0
PORT_OF_SMTPS = 465
PORT_OF_SUBMISSION = 587
PORT_BETWEEN_SERVERS = 25


@dataclass(frozen=True, slots=True)
class Letter:
    """`number` stays the same when the letter is sent again, so that mail programs show it once."""

    number: str
    subject: str
    text: str
    at: datetime


class NotMailed(Exception):
    """The mail server did not take the letter; the words hold no password and no address."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """`smtp://user:password@host:587`, upgraded by STARTTLS where offered, or `smtps://…:465`.

    The sender is `?from=…` of the address, else the user if that is a mail address, else the first recipient.
    """

    url: str
    recipients: Sequence[str]

    def send(self, letter: Letter) -> None:
        """Raises NotMailed."""
        message = self._message(letter)
        try:
            with self._connection() as server:
                server.send_message(message, from_addr=self.sender, to_addrs=list(self.recipients))
        except (smtplib.SMTPException, OSError) as trouble:
            # Answers of servers repeat addresses.
            code = getattr(trouble, "smtp_code", "")
            raise NotMailed(f"{type(trouble).__name__} {code}".strip()) from None

    @property
    def sender(self) -> str:
        parts = urlsplit(self.url)
        given = parse_qs(parts.query).get("from", [""])[0]
        user = unquote(parts.username or "")
        return given or (user if "@" in user else self.recipients[0])

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = letter.subject
        message["From"] = self.sender
        message["To"] = ", ".join(self.recipients)
        message["Date"] = format_datetime(letter.at)
        message["Message-ID"] = f"<{letter.number}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "", ssl.create_default_context()
        if parts.scheme == "smtps":
            port = parts.port or PORT_OF_SMTPS
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
        else:
            port = parts.port or (PORT_OF_SUBMISSION if parts.username else PORT_BETWEEN_SERVERS)
            server = smtplib.SMTP(host, port, timeout=SECONDS)
        with server:
            server.ehlo()
            is_private = parts.scheme == "smtps" or _is_this_machine(host)
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                is_private = True
            if parts.username:
                if not is_private:
                    raise NotMailed("the server offers no encryption: the password was not sent")
                server.login(unquote(parts.username), unquote(parts.password or ""))
            yield server


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
