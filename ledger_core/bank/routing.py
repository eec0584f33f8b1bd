"""Routing numbers of American banks and their check digit."""

_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7)


def check_digit(first_eight: str) -> str:
    """The ninth digit: with weights 3, 7, 1 the sum of all nine is a multiple of ten.

    Source: American Bankers Association, routing number policy.
    """
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_eight, strict=True))
    return str(-total % 10)


def is_routing_number(routing: str) -> bool:
    """Nine digits, the last of which checks the others."""
    return (
        len(routing) == 9
        and routing.isascii()
        and routing.isdigit()
        and routing[8] == check_digit(routing[:8])
    )
