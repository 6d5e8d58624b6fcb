"""The bytes of a body on the wire, both ways: plain, gzip, or packed by what both ends know.

What a kiosk and its head office say to each other is short, and mostly the same words and long
numbers in hexadecimal: gzip finds next to nothing in it. A *packed* body takes a quarter:

1. each UUID, and each 64 or 32 hexadecimal digits, is a mark (1, 2 or 3, which no JSON has) and
   its bytes;
2. all of it is deflated (RFC 1951, without a head) after a preset dictionary, the words of the
   protocol.

It has a media type of its own. A kiosk asks for it with ``Accept``, and sends so itself once it
was answered so: an older head office, or a proxy that lets nothing unknown through, never sees one.
**Marks and words are part of the protocol**: others are another type, with another name.
"""

import gzip
import re
import zlib

JSON = "application/json"
PACKED = "application/hymio"
"""What is in it is JSON all the same."""
_SMALL = 600
"""Below this many bytes gzip saves no packet."""
_LEVEL = 9
_LONG = re.compile(
    rb"(?<![0-9a-f])(?:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|([0-9a-f]{64})|([0-9a-f]{32}))"
    rb"(?![0-9a-f])"
)
_SHORT = re.compile(rb"\x01(.{16})|\x02(.{32})|\x03(.{16})", re.DOTALL)
_MARKS = re.compile(rb"[\x01-\x03]")

_RECEIPT = (
    b'"refused":[{"seq":40,"reason":"invalid","detail":"$.body.value: "},{"seq":41,"reason":'
    b'"conflict","detail":"taken"}],"wanted":["fedcba9876543210"],"configuration":"","commands":[],'
    b'{"receipt":"hymio","head_office":"0","kiosk":"0","installation":"0","stored_up_to":1,'
    b'"highest":1,"now_ms":17,"echo":"0","newest":{"seq":1,"fingerprint":"0"},'
    b'"contact_key":{"number":1,"public":"0="},"pace_s":200}'
)
_HEARTBEAT = (
    b'{"installation":"0","oldest":1,"sent":{"wall_ms":17,"boot":"0","mono_ms":1},"version":"0.1.0",'
    b'"questionnaire":"0","outbox":{"waiting":0,"quarantined":0,"last_seq":1,"oldest_waiting_ms":1},'
    b'"free_disk_bytes":1000000000,"clock_offset_ms":-1,"state":"closed","withheld":[1],"troubles":'
    b'[{"kind":"untouched","detail":"","count":1}],"configuration":{"in_force":"","state":"good",'
    b'"refusal":"","reasons":[""],"is_fallback":true,"staff":[""],"panel":{"width":1280,"height":800'
    b',"width_mm":217,"height_mm":136}}}'
)
_BATCH = (
    b'{"type":"skip","took_ms":1000},"origin":{"installation":"0","seq":1}},"withheld":[1],'
    b'"value":{"sealed":"","key":1},"value":["","other"],"misuse":["too_fast"],"unsent":true,'
    b'"outcome":"complete","outcome":"timed_out","language":"de","language":"sv","language":"fi",'
    b'{"installation":"0","oldest":1,"sent":{"wall_ms":17,"boot":"0","mono_ms":1},"messages":['
    b'{"seq":1,"moment":{"wall_ms":17,"boot":"0","mono_ms":1},"body":{"type":"answer","response":"01'
    b'","questionnaire":"0","language":"en","question":"rating","value":2,"took_ms":1000}},'
    b'{"seq":2,"moment":{"wall_ms":17,"boot":"0","mono_ms":1},"body":{"type":"end","response":"01'
    b'","questionnaire":"0","language":"en","outcome":"partial","question":"rating"}}],'
    b'"sightings":[{"boot":"0","mono_ms":1,"head_ms":17,"error_ms":1}],"watermark":1}'
)
_WORDS = _RECEIPT + _HEARTBEAT + _BATCH


def encode_body(body: bytes, *, packed: bool = False) -> tuple[bytes, dict[str, str]]:
    """What travels for a JSON body, and the headers that say what it is.

    ``packed``: the other end has answered so.
    """
    if packed and not _MARKS.search(body):
        return pack(body), {"Content-Type": PACKED}
    headers = {"Content-Type": JSON, "Accept": f"{PACKED}, {JSON}"}
    if len(body) <= _SMALL:
        return body, headers
    return gzip.compress(body, 6, mtime=0), headers | {"Content-Encoding": "gzip"}


def pack(body: bytes) -> bytes:
    """A JSON body, packed; none of its bytes is a mark."""
    packer = zlib.compressobj(_LEVEL, wbits=-15, zdict=_WORDS)
    return packer.compress(_LONG.sub(_shortened, body)) + packer.flush()


def unpack(packed: bytes, most: int) -> bytes:
    """What was packed; ValueError if it was not, or was cut; OverflowError if it is longer."""
    # The limit stops the work itself: a bomb never unfolds.
    unpacker = zlib.decompressobj(wbits=-15, zdict=_WORDS)
    try:
        body = unpacker.decompress(packed, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(body) <= most:
        if not unpacker.eof or unpacker.unused_data:
            raise ValueError("it ends too early, or something follows")
        body = _SHORT.sub(_lengthened, body)
    if len(body) > most:
        raise OverflowError(f"more than {most} bytes")
    return body


def _shortened(found: re.Match[bytes]) -> bytes:
    mark = found.lastindex or 0
    return bytes((mark,)) + bytes.fromhex(found[0].replace(b"-", b"").decode())


def _lengthened(found: re.Match[bytes]) -> bytes:
    text = found[0][1:].hex()
    if found.lastindex == 1:
        text = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    return text.encode()
