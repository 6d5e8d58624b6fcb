"""How long, how slow, how large and how many: what one client may take from all others.

Kiosks may hang on a line of 64 kbit/s (8 kB/s, of which 6 arrive), with gaps of some seconds
where a lost packet is sent again; everything here lets them pass.
"""

HEADERS_S = 10.0
"""From a new connection to the end of its first headers, the handshake of TLS included."""
IDLE_S = 75.0
"""A connection without a request. Longer than proxies keep theirs (nginx: 60 s), as one that is
closed at the moment it is used costs an error page."""
KIOSK_IDLE_S = 330.0
"""The same after a request that a kiosk proved to be its own: longer than the time between two of
them in opening hours, as each handshake costs it more bytes than what it has to say."""
SILENCE_S = 10.0
"""Nothing comes of a body, or nothing is taken of a reply. TCP sends a lost packet again after
about 1, 3 and 7 s."""
LEAST_RATE = 2_000
"""Bytes a second of a body; a quarter of 64 kbit/s."""
GRACE_S = 10.0
"""Before the rate counts."""
LOOK_S = 1.0
"""How often an unfinished body is looked at."""

HEADER_BYTES = 32_768
HEADER_LINES = 100
FREE_BYTES = 65_536
"""A body that is read before anybody knows who sends it; larger ones only from who may."""
DRAINED_AT_MOST = 16_000_000
"""What is read of a body that was refused: a sender that is cut off in mid-sentence may never see
the answer. It is thrown away as it comes, without a thread."""
DRAINED_WITHIN_S = 30.0

PIECE_BYTES = 32_768
"""Of a reply, handed to the kernel at a time: each has to be gone within ``SILENCE_S``. The kernel
holds back no more than that either, so that what is slow looks slow."""
UNREAD_BYTES = 131_072
"""What a client may send on top of a request that is being answered."""
READ_BYTES = 32_768
"""Of a connection at a time, also on top of such a request: more stays in the kernel."""
HELD_BYTES = 64_000_000
"""Of one worker, for bodies that come and complete replies that go: 60 kiosks that deliver as much
as they may at one moment, several hundred with a usual batch."""

CONNECTIONS = 2_000
"""Of one worker; above that the one that has waited longest is closed."""
SPARE_FILES = 200
"""Of the files a process may open, those that are not for connections."""
