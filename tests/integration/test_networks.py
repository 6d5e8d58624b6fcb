"""By what guesses are counted: one network, however its address is written."""

import pytest
from django.test import RequestFactory, override_settings

from headoffice.accounts.networks import source_of, wider_network


def seen(forwarded: str, near: str = "127.0.0.1") -> str:
    request = RequestFactory().get("/", REMOTE_ADDR=near, HTTP_X_FORWARDED_FOR=forwarded)
    with override_settings(BEHIND_PROXY=True):
        return source_of(request)


@pytest.mark.parametrize(
    "written",
    [
        "5.5.5.5", " 5.5.5.5 ", "5.5.5.5:40312", '"5.5.5.5:40312"', "::ffff:5.5.5.5",
        "[::ffff:5.5.5.5]:40312", "::FFFF:505:505", "2002:505:505::1", "64:ff9b::505:505",
        "1.2.3.4, 5.5.5.5", "1.2.3.4,::1 ,\t5.5.5.5:1", "junk, 5.5.5.5",
    ],
)  # fmt: skip
def test_one_address_is_one_source_however_it_is_written(written: str) -> None:
    assert "5.5.5.5" == seen(written)


@pytest.mark.parametrize(
    "written",
    [
        "2001:db8:1:2::1", "2001:DB8:1:2:ffff::9", "[2001:db8:1:2::5]", "[2001:db8:1:2::5]:443",
        '"[2001:db8:1:2::5]:443"', "2001:0db8:0001:0002:0:0:0:7", "2001:db8:1:2::3%eth0",
        "5.5.5.5, 2001:db8:1:2:a:b:c:d",
    ],
)  # fmt: skip
def test_addresses_of_one_ipv6_network_are_one_source(written: str) -> None:
    assert "2001:db8:1:2::/64" == seen(written)
    assert "2001:db8:1::/48" == wider_network(seen(written))


@pytest.mark.parametrize("junk", ["", "unknown", "5.5.5", "5.5.5.5, ", "5.5.5.5, _hidden", "a:b:c"])
def test_what_is_no_address_counts_for_the_proxy(junk: str) -> None:
    assert "10.0.0.1" == seen(junk, near="10.0.0.1")


def test_without_a_proxy_nobody_may_say_where_they_are() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="5.5.5.5", HTTP_X_FORWARDED_FOR="9.9.9.9")
    assert "5.5.5.5" == source_of(request)
    assert wider_network("5.5.5.5") is None
    assert wider_network("test") is None
