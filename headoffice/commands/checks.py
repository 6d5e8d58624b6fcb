"""What may be wrong with how a head office is set up: a line for each thing, with what to do.

What is quick of it and needs somebody's eye is said at every start of ``serve`` as well.
"""

import argparse
import os
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from headoffice.commands import serve_options
from headoffice.commands.serve_options import address_of
from headoffice.errors import ConfigurationError
from headoffice.server.paths import data_folder

if TYPE_CHECKING:
    from headoffice.commands.objections import DatabaseState
    from headoffice.server.certificates import Certificate
    from headoffice.server.serve import Address

FULL_BYTES, NEARLY_FULL_BYTES = 100_000_000, 500_000_000
"""Where docs/alerts.yml rings, too."""
COPY_AGE = timedelta(hours=36)
CLOCK_OFF_S = 60
DOWNLOADS = 4
"""Further connections of a worker: two for each of two files that are being downloaded."""
PERIODIC_AND_READY = 2
"""One for the periodic jobs, one for /ready."""


class Sign(StrEnum):
    """How it is."""

    OK = "ok"
    LOOK = "look"
    BAD = "bad"


class Finding(NamedTuple):
    """One thing that was looked at."""

    sign: Sign
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.about}: {self.text}"


def at_start(options: argparse.Namespace) -> Iterator[Finding]:
    """What `serve` says when it begins: nothing, if all is well."""
    for findings in (host_names(options), connections(options), disk()):
        yield from (finding for finding in findings if finding.sign is not Sign.OK)


# --- what is set up -------------------------------------------------------------------------


def folder() -> Iterator[Finding]:
    """The data folder, and who looks."""
    place = data_folder()
    if os.geteuid() == 0 and place.exists() and place.stat().st_uid != 0:
        yield Finding(
            Sign.LOOK,
            "user",
            "this is looked at as root, who may read everything: look again as the user of the "
            f"head office, who owns {place}",
        )


def certificate(options: argparse.Namespace) -> Iterator[Finding]:
    """The files of TLS."""
    about, address = "certificate", address_of(options)
    try:
        address.check(behind_proxy=options.behind_proxy)
        loaded = _loaded(address)
    except ConfigurationError as error:
        yield Finding(Sign.BAD, about, str(error))
        return
    if loaded is None:
        text = "a proxy in front has it" if options.behind_proxy else "none, for this machine alone"
        yield Finding(Sign.OK, about, text)
    elif complaint := loaded.complaint():
        sign = Sign.LOOK if loaded.is_valid else Sign.BAD
        yield Finding(sign, about, f"{address.certificate} {complaint}")
    else:
        names = ", ".join(loaded.names)
        text = f"{address.certificate}, for {names}, until {loaded.end:%Y-%m-%d}"
        yield Finding(Sign.OK, about, text)


def _loaded(address: "Address") -> "Certificate | None":
    return files.load() if (files := address.files) else None


def host_names(options: argparse.Namespace) -> Iterator[Finding]:
    """The names that it answers to, against those of its certificate."""
    about, address = "host names", address_of(options)
    given = [
        name for name in serve_options.host_names(options, address) if name not in address.names
    ]
    if not given and not address.loopback:
        yield Finding(
            Sign.LOOK,
            about,
            f"it answers to {', '.join(address.names)} alone: give the name that browsers and "
            "kiosks use with --allow-host",
        )
        return
    try:
        loaded = _loaded(address)
    except ConfigurationError:
        # Said of the certificate.
        return
    wrong = list(_uncovered(loaded, given)) if loaded else []
    for text in wrong:
        yield Finding(Sign.LOOK, about, text)
    if not wrong:
        yield Finding(Sign.OK, about, ", ".join(given) or "those of this machine")


def _uncovered(loaded: "Certificate", given: list[str]) -> Iterator[str]:
    for name in given:
        if not loaded.covers(name):
            yield (
                f"the certificate is not for {name}: browsers and kiosks that call it so refuse "
                "it. Have one made that is"
            )
    for name in loaded.names:
        if not name.startswith("*.") and name not in [each.strip("[]").lower() for each in given]:
            yield (
                f"the certificate is for {name}, to which the head office does not answer: start "
                f"it with --allow-host {name}"
            )


def default_zone_words() -> str:
    """The time zone of new places, where it is from, and what to do about it."""
    from django.conf import settings

    zone = settings.DEFAULT_ZONE
    source = f" (from {zone.source})" if zone.source else ""
    if zone.is_utc_by_machine:
        return (
            f"{zone.name}{source}: their hours and days are those of UTC. Set HYMIO_TIME_ZONE, "
            "like Europe/Helsinki, or to UTC if that is meant"
        )
    return f"{zone.name}{source}"


def time_zone() -> Iterator[Finding]:
    """What new places get if nobody says another one."""
    from django.conf import settings

    sign = Sign.LOOK if settings.DEFAULT_ZONE.is_utc_by_machine else Sign.OK
    yield Finding(sign, "time zone", f"new places get {default_zone_words()}")


# --- what is there --------------------------------------------------------------------------


def key_and_database(state: "DatabaseState") -> Iterator[Finding]:
    """What was opened, and is therefore the right one."""
    from django.db import connection

    from headoffice.db.queries import fetch_all
    from headoffice.server import secret_key

    file = data_folder() / secret_key.NAME
    yield Finding(Sign.OK, "key", f"{file} is the one that the database was used with")
    about = "database"
    if connection.vendor == "postgresql" and fetch_all("SELECT pg_is_in_recovery()")[0][0]:
        text = f"{state.address} is a standby, and can only be read: name the primary"
        yield Finding(Sign.BAD, about, text)
    elif state.pending:
        text = f"{state.address} is of an earlier version; the next start brings it up to date"
        yield Finding(Sign.LOOK, about, text)
    else:
        yield Finding(Sign.OK, about, state.address)


def connections(options: argparse.Namespace) -> Iterator[Finding]:
    """How many PostgreSQL allows, against those that the workers may open."""
    from django.db import connection

    from headoffice.db.queries import fetch_all
    from headoffice.server.lanes import THREADS
    from headoffice.server.serve import usual_workers

    if connection.vendor != "postgresql":
        return
    allowed = fetch_all(
        "SELECT current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int"
    )[0][0]
    workers = options.workers or usual_workers()
    usual = workers * (len(THREADS) + PERIODIC_AND_READY)
    most = usual + workers * DOWNLOADS
    text = f"{workers} workers open up to {most}, and PostgreSQL allows {allowed}"
    if allowed >= most:
        yield Finding(Sign.OK, "connections", text)
        return
    sign = Sign.BAD if allowed < usual else Sign.LOOK
    yield Finding(
        sign, "connections", f"{text}: raise its max_connections, or give fewer --workers"
    )


def disk() -> Iterator[Finding]:
    """The disk of the data folder."""
    from headoffice.db.disk import has_room, room_of

    place = data_folder()
    if not place.exists():
        return
    try:
        free = room_of(place).free
        full = free < FULL_BYTES or not has_room(place)
    except OSError as error:
        yield Finding(Sign.BAD, "disk", f"can't look at {place} ({error.strerror})")
        return
    text = f"{free // 1_000_000:,} MB are left for {place}"
    if full:
        yield Finding(Sign.BAD, "disk", f"{text}: make room")
    elif free < NEARLY_FULL_BYTES:
        yield Finding(Sign.LOOK, "disk", f"{text}: make room before it is full")
    else:
        yield Finding(Sign.OK, "disk", text)


def clock() -> Iterator[Finding]:
    """This machine's clock, against what was written last and those of kiosks."""
    from headoffice.fleet.kiosks import all_kiosks, median_clock_offset
    from headoffice.timekeeping import guard
    from headoffice.timekeeping.judgement import Objection

    now = guard.read_clock()
    verdict = guard.ClockGuard().look(now)
    offset = median_clock_offset(all_kiosks())
    if isinstance(verdict, Objection):
        yield Finding(Sign.BAD, "clock", guard.description(verdict, now.wall_ms))
    elif offset is not None and abs(offset) > CLOCK_OFF_S:
        ahead = "ahead of" if offset > 0 else "behind"
        text = f"it is {abs(offset):.0f} s {ahead} those of kiosks, in the median: set it"
        yield Finding(Sign.LOOK, "clock", text)
    else:
        yield Finding(Sign.OK, "clock", verdict.value)


def copies() -> Iterator[Finding]:
    """The last good copy of the database."""
    from headoffice import clock
    from headoffice.db.backup_record import read_record

    record = read_record(data_folder())
    if record is None or record.at is None:
        text = "there is none: systemctl enable --now hymio-headoffice-backup.timer"
        yield Finding(Sign.LOOK, "copies", text)
        return
    age = clock.now() - record.at
    text = f"the last good one is {int(age.total_seconds() // 3600)} hours old: {Path(record.file)}"
    if record.failed_at is not None:
        yield Finding(Sign.BAD, "copies", f"{text}. One has failed since: {record.reason}")
    elif age > COPY_AGE:
        yield Finding(Sign.BAD, "copies", f"{text}. systemctl status hymio-headoffice-backup")
    else:
        yield Finding(Sign.OK, "copies", text)
