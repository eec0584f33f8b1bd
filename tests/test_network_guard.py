"""Tests reach nothing but this machine."""

import socket

import pytest


def test_a_test_cannot_reach_the_network():
    with socket.socket() as used, pytest.raises(RuntimeError, match="reached for the network"):
        used.connect(("192.0.2.1", 80))


def test_a_test_can_reach_the_loopback():
    with socket.socket() as listening, socket.socket() as used:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        used.connect(listening.getsockname())
        assert used.getpeername() == listening.getsockname()
