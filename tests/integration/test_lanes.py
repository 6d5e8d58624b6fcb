"""Which threads answer an address: what is said by its path has to be where that path leads."""

import pytest
from django.urls import resolve, reverse

from headoffice.server.lanes import THREADS, Lane, lane_of


@pytest.mark.parametrize("name", ["login", "own-password", "people"])
def test_passwords_are_checked_and_made_in_their_own_lane(name: str) -> None:
    assert Lane.PASSWORDS is lane_of("POST", reverse(name))
    assert Lane.PAGES is lane_of("GET", reverse(name))


@pytest.mark.parametrize("path", ["enrolment", "credential", "batches", "heartbeats"])
def test_kiosks_have_threads_that_pages_can_not_take(path: str) -> None:
    address = f"/api/kiosk/v1/{path}"
    assert resolve(address)
    assert Lane.KIOSKS is lane_of("POST", address)
    assert any(lanes == (Lane.KIOSKS,) for lanes in THREADS)


@pytest.mark.parametrize("path", ["/metrics"])
def test_who_watches_the_head_office_is_answered_beside_pages(path: str) -> None:
    assert resolve(path)
    assert Lane.KIOSKS is lane_of("GET", path)
