"""Whether a database is the one that a data folder belongs to; what speaks against it, in words."""

from collections.abc import Iterator
from typing import NamedTuple

from headoffice.server.folder_record import FolderRecord

YES = "If this is meant, say so: hymio-headoffice accept --yes"


class DatabaseState(NamedTuple):
    """What a database says of itself."""

    address: str
    """In words, without user and password."""
    identity: str | None = None
    """The head office in it; None if there never was one."""
    key: str = ""
    """The fingerprint of the secret key that it was used with; empty if that is not known."""
    program: str = ""
    """The version of Hymio that brought it up to date last; empty if that is not known."""
    pending: bool = False
    """Whether this program has migrations that are not applied yet."""
    foreign: tuple[str, ...] = ()
    """Migrations that are applied and that this program doesn't have."""

    @property
    def on_postgresql(self) -> bool:
        """Which of the two engines it is."""
        return self.address.startswith("PostgreSQL")

    @property
    def empty(self) -> bool:
        """Whether no head office was ever in it."""
        return self.identity is None


def objections(record: FolderRecord | None, state: DatabaseState, key: str | None) -> Iterator[str]:
    """Each reason why it may be the wrong one; ``key``: the fingerprint of the folder's, if any.

    What only a newer program understands is no such reason: nobody can say yes to it.
    """
    if record is not None:
        yield from _other_database(record, state)
    if state.empty:
        return
    if key is None:
        yield (
            f"the data folder has no secret-key, and {state.address} was used with one. Without it "
            "the contact details of shoppers can't be read, and open enrolment codes are void: "
            "put the key of this head office into the folder"
        )
    elif state.key and state.key != key:
        yield (
            f"the secret-key of the data folder is another ({key}) than {state.address} was used "
            f"with ({state.key}). Both of two machines need the same one; with this one, contact "
            "details that are stored can't be read, and those to come could not be read elsewhere"
        )


def _other_database(record: FolderRecord, state: DatabaseState) -> Iterator[str]:
    forgotten = record.on_postgresql and not state.on_postgresql
    hint = " (HYMIO_DATABASE_URL is not set)" if forgotten else ""
    belongs = f"the data folder belongs to the head office {record.identity} in {record.database}"
    if not state.identity:
        yield (
            f"{belongs}, and there is no head office in {state.address}{hint}. If that database "
            "was lost, put a copy back"
        )
    elif state.identity != record.identity:
        yield f"{belongs}, and in {state.address} is another, {state.identity}{hint}"
    elif record.on_postgresql != state.on_postgresql:
        # It was moved, and what it left is not brought up to date any more.
        yield f"{belongs}, and this is {state.address}, which it was moved from{hint}"
