"""Letters leave by SMTP over TLS alone, whole, and say no secret when they cannot."""

from email import message_from_bytes, policy
from urllib.parse import quote

import pytest

from api.mail import Mail
from tests.fixtures.smtp_server import NAME, PASSWORD, mail_server
from tools.notify import NotDelivered, Recipient

TO = Recipient("email", "dana@example.com", "d***@example.com", "es")
SENDER = "Cash Line <no-reply@cashline.example>"
SUBJECT, BODY = "Su código", "Su código es **482913**.\n.\nVence en diez minutos: úselo ya, señora Peña.\n"


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """The certificate of the server is one that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return tmp_path


def url(server, scheme="smtp", password=PASSWORD):
    return f"{scheme}://{NAME}:{quote(password, safe='')}@localhost:{server.port}"


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_letter_arrives_whole_and_nothing_of_it_is_said_in_the_clear(trusted, scheme):
    async with mail_server(trusted, private_at_once=scheme == "smtps") as server:
        await Mail(url(server, scheme), SENDER).send(TO, SUBJECT, BODY)
    (letter,) = server.letters
    read = message_from_bytes(letter, policy=policy.default)
    assert (read["From"], read["To"], read["Subject"]) == (SENDER, "dana@example.com", SUBJECT)
    assert read.get_content().replace("\r\n", "\n").replace("\n..\n", "\n.\n").strip() == BODY.strip()
    in_the_clear = [line.split()[0].upper() for private, line in server.heard if not private]
    assert in_the_clear == ([] if scheme == "smtps" else ["EHLO", "STARTTLS"])


async def test_a_server_without_tls_is_told_neither_the_password_nor_the_letter(trusted):
    async with mail_server(trusted, offers_tls=False) as server:
        with pytest.raises(NotDelivered):
            await Mail(url(server), SENDER).send(TO, SUBJECT, BODY)
    assert server.letters == []
    assert {line.split()[0].upper() for _, line in server.heard} <= {"EHLO", "QUIT"}


async def test_a_server_that_nobody_vouches_for_is_told_nothing(tmp_path):
    async with mail_server(tmp_path) as server:
        with pytest.raises(NotDelivered):
            await Mail(url(server), SENDER).send(TO, SUBJECT, BODY)
    assert {line.split()[0].upper() for _, line in server.heard} == {"EHLO", "STARTTLS"}


async def test_what_goes_wrong_names_neither_the_address_nor_the_password(trusted):
    async with mail_server(trusted) as server:
        with pytest.raises(NotDelivered) as refused:
            await Mail(url(server, password="wr0ng"), SENDER).send(TO, SUBJECT, BODY)
    assert str(refused.value) == "SMTPAuthenticationError"
    assert refused.value.__cause__ is None
    assert server.letters == []
    with pytest.raises(NotDelivered):
        await Mail(url(server), SENDER).send(TO, SUBJECT, BODY)  # nobody listens any more


async def test_a_text_message_is_not_sent_as_a_letter():
    with pytest.raises(NotDelivered, match="text messages are not set up"):
        await Mail("smtp://localhost:1", SENDER).send(
            Recipient("text", "+15125550142", "…42", "en"), "", "code"
        )
