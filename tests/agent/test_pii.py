"""Secrets are masked before anything is stored, sent or traced; ordinary numbers stay as they are."""

import pytest

from agent.rails.pii import luhn, mask

CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "5555 5555 5555 4444",
    "378282246310005",
    "3782 822463 10005",
    "6011 1111 1111 1117",
]


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(
    "frame", ["{}", "my card is {} ok?", "card:{}.", "({})", "#{}", "tarjeta número {}, gracias"]
)
def test_a_card_number_keeps_only_its_last_four(card, frame):
    masked = mask(frame.format(card))
    assert masked.kinds == ("card",)
    assert card not in masked.text
    assert f"[card ending {card[-4:]}]" in masked.text


@pytest.mark.parametrize(
    ("text", "kind", "secret"),
    [
        ("my ssn is 524-71-9310", "ssn", "524-71-9310"),
        ("SSN 524 71 9310", "ssn", "524 71 9310"),
        ("social security number: 524719310", "ssn", "524719310"),
        ("mi seguro social es 524719310", "ssn", "524719310"),
        ("account number 000123456789", "account", "000123456789"),
        ("my bank account is 12345678", "account", "12345678"),
        ("routing number 021000021", "account", "021000021"),
        ("acct # 0001234567", "account", "0001234567"),
        ("cuenta 12345678901", "account", "12345678901"),
        ("número de cuenta: 12345678901", "account", "12345678901"),
        ("my password is hunter22", "password", "hunter22"),
        ("mi contraseña es gatito99", "password", "gatito99"),
        ("the CVV is 123", "password", "123"),
        ("my pin is 4821", "password", "4821"),
        ("my card number is 4111 1111 1111 1112", "card", "4111 1111 1111 1112"),
        ("mi tarjeta 4111.1111.1111.1112", "card", "4111.1111.1111.1112"),
        ("card number four one one one, one one one one, one one one one, one one one one", "card", "four"),
        ("social: five two four seven one nine three one zero", "ssn", "seven"),
        ("my ITIN is 912-78-1234", "ssn", "912-78-1234"),
        ("IBAN GB29 NWBK 6016 1331 9268 19", "account", "9268"),
        ("take it from checking 4455667788", "account", "4455667788"),
        ("write me at dana.lee+bills@mail.co.uk.", "email", "dana.lee"),
        ("dana dot lee, sorry: dana.lee at mail dot com", "email", "at mail"),
        ("call me at 212-555-0147", "phone", "212-555-0147"),
        ("(212) 555-0147", "phone", "555"),
        ("phone 2125550147", "phone", "2125550147"),
        ("llámeme al 55 1234 5678", "phone", "55 1234 5678"),
        ("+34 612 345 678", "phone", "612"),
        ("fax: 555-0147", "phone", "555-0147"),
    ],
)
def test_other_secrets_are_removed(text, kind, secret):
    masked = mask(text)
    assert masked.kinds == (kind,)
    assert secret not in masked.text


@pytest.mark.parametrize(
    "text",
    [
        "order 4111111111111112 never came",
        "my order number is 1234567890123456",
        "payment of $1,234,567.89 on 2026-03-16",
        "I paid 200 dollars on 03/16/2026 and 150 on 04-16-2026",
        "account ending 4471",
        "the account ending in 4471, please",
        "between 01-05-2026 and 02-05-2026 I paid 3 times",
        "reference draw_01m8691bg3xn0s9tpqjztn64st",
        "my zip is 73301-1234",
        "I owe 1500.00 and the minimum is 40.00",
        "case 2026-000-1234",
        "why is my account 30 days late?",
        "the pin is wrong, it does not work",
        "I forgot my password and it is annoying",
        "statements 1 2 3 4 5 6 7 8 9 10 11 12 13 14",
        "tracking 1Z999AA10123456784",
        "call me between 9 and 5 on May 12 2026",
        "I called 3 times in 2 weeks about the 80 dollar draw",
        "transaction 20260514 for 80.00",
        "2026-05-14 10:30:00",
        "one two three payments",
        "I moved from account to account",
        "one payment, two fees, three draws, four calls",
    ],
)
def test_ordinary_numbers_are_left_alone(text):
    assert mask(text) == type(mask(text))(text, ())


def test_several_secrets_in_one_message_all_go():
    masked = mask(f"card {CARDS[0]} and {CARDS[3]}, ssn 524-71-9310")
    assert masked.kinds == ("card", "card", "ssn")
    assert "4111111111111111" not in masked.text


def test_masking_twice_changes_nothing_more():
    once = mask(
        f"card {CARDS[0]}, my password is hunter22, account 12345678, call 212-555-0147, a@b.org"
    ).text
    assert mask(once).text == once


def test_the_check_digit_tells_a_card_from_a_number():
    assert luhn("4111111111111111")
    assert not luhn("4111111111111112")
