"""A full disk under the head office's data."""

import pytest
from faults.disks import SmallDisk, can_mount
from operations.night import Entry, Night

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.skipif(not can_mount(), reason="needs to mount a small file system")
def test_a_full_disk(night: Night, entry: Entry) -> None:
    if night.server:
        pytest.skip("tests/integration fills the disk of a PostgreSQL")
    night.end()
    files = [(file.name, file.read_bytes(), file.stat().st_mode) for file in night.data.iterdir()]
    disk = SmallDisk(night.data, 8)
    try:
        for name, content, mode in files:
            (night.data / name).write_bytes(content)
            (night.data / name).chmod(mode & 0o777)
        night.begin()
        disk.fill()
        for _ in range(8):
            night.tap(60)
            night.try_to_deliver()
        entry.check(any(k.outbox.counts().waiting for k in night.kiosks), "it was never full")
        entry.check("disk" in night.office.said(), "the log does not speak of a disk")
        night.refused(entry, "backup", str(night.data / "copy"), because="full")
        disk.free()
        night.settle(entry)
        night.office.stop()
    finally:
        night.office.kill()
        disk.remove()
