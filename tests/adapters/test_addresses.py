"""Addresses: which may be connected to, and how the operating system's own resolver is kept from holding a request."""

from __future__ import annotations

from ipaddress import ip_network
from threading import Event

import pytest

from vodka.adapters.addresses import may_connect, of_the_system, within
from vodka.errors import Unavailable


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("128.178.1.1", id="a university"),
        pytest.param("8.8.8.8", id="a public resolver"),
        pytest.param("2001:620:618::1", id="a university by IPv6"),
        pytest.param("64:ff9b::808:808", id="NAT64 around a public address"),
        pytest.param("2002:808:808::1", id="6to4 around a public address"),
    ],
)
def test_a_public_address_may_be_connected_to(address: str) -> None:
    """The guard does not shut out the internet."""
    assert may_connect(address, ())


def test_a_network_of_the_operator_may_be_connected_to() -> None:
    """FETCH_ALLOW opens exactly the networks it names, of either family."""
    allow = (ip_network("10.1.0.0/16"), ip_network("fd00::/64"))
    assert may_connect("10.1.2.3", allow)
    assert may_connect("fd00::7", allow)
    assert not may_connect("10.2.0.1", allow)
    assert not may_connect("fd00:0:0:1::7", allow)


def test_what_is_not_for_the_public_stays_inside_the_named_networks() -> None:
    """Plain http asks for this."""
    assert not may_connect("8.8.8.8", (), public=False)
    assert may_connect("8.8.8.8", (ip_network("8.8.8.0/24"),), public=False)


def test_the_system_knows_localhost() -> None:
    """The hosts file counts, each address once."""
    found = of_the_system("localhost", 3.0)
    assert "127.0.0.1" in found
    assert len(found) == len(set(found))


@pytest.mark.parametrize("host", ["name.invalid", "a" * 64 + ".epfl.ch"], ids=["no such name", "a label too long"])
def test_an_unknown_host_has_no_address(host: str) -> None:
    """An unknown name is an answer, not an outage; a name that cannot be is nothing else."""
    assert of_the_system(host, 30.0) == []


def test_dom_17_a_resolver_that_does_not_return_is_left() -> None:
    """The system's resolver may take half a minute; the request does not."""
    returns = Event()

    def look() -> list[str]:
        returns.wait(30)
        return ["192.0.2.1"]

    with pytest.raises(Unavailable):
        within(0.05, look)
    returns.set()
