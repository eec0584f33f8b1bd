"""Letters by e-mail, over the SMTP server of the house."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from tools.notify import NotDelivered, Recipient

SECONDS = 10


class Mail:
    """Implements `tools.notify.Notifier`. url: `smtp://user:password@host:port`, or `smtps://…` for TLS at once.

    Over `smtp` the connection is upgraded before anything is said: a server that does not offer that is refused.
    """

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    async def send(self, to: Recipient, subject: str, body: str) -> None:
        if to.channel != "email":
            raise NotDelivered("text messages are not set up")
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to.address, subject
        message.set_content(body)
        try:
            await asyncio.to_thread(self._deliver, message)
        except (OSError, smtplib.SMTPException) as failure:
            raise NotDelivered(type(failure).__name__) from None

    def _deliver(self, message: EmailMessage) -> None:
        host, context = self._url.hostname or "", ssl.create_default_context()
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._url.port or 465, timeout=SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(host, self._url.port or 587, timeout=SECONDS)
        with server:
            if self._url.scheme == "smtp":
                server.starttls(context=context)
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            server.send_message(message)
