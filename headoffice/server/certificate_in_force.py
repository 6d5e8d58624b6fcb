"""The certificate that workers use, and how a new one takes its place.

Files that have changed are noticed by themselves, and read anew at SIGHUP. They are checked before
they are used: what is of no use changes nothing but a line in the log.
"""

import logging
from collections.abc import Callable

from headoffice import clock
from headoffice.errors import ConfigurationError
from headoffice.server.certificates import Certificate, CertificateFiles, FileState

LOOK_EVERY_S = 5.0
"""Files that are the same at two looks have been written to their end."""
_log = logging.getLogger("headoffice.server")
_States = tuple[FileState, ...]


class CertificateInForce:
    """The last one that was good, and the files that the next one will come in."""

    def __init__(self, files: CertificateFiles, mono: Callable[[], float] = clock.mono) -> None:
        """Raises ConfigurationError if they are of no use."""
        self._files, self._mono = files, mono
        self._read = self._seen = self._states()
        self.current: Certificate = files.load()
        self._looked_s = mono()
        self._say_complaint()

    def load(self) -> None:
        """Take what is in the files now, if it is good."""
        read = self._states()
        try:
            found = self._files.load()
        except ConfigurationError as error:
            self._say_broken(error)
        else:
            if read != self._read:
                _log.warning(
                    "A new certificate is in force; it ends on %s", f"{found.end:%Y-%m-%d}"
                )
            self.current = found
            self._say_complaint()
        self._read = self._seen = read

    def is_renewed(self) -> bool:
        """Whether there is a good one in the files that is not in force; looks now and then."""
        if self._mono() - self._looked_s < LOOK_EVERY_S:
            return False
        self._looked_s = self._mono()
        before, self._seen = self._seen, self._states()
        if self._seen in ((), self._read) or self._seen != before:
            return False
        try:
            self._files.load()
        except ConfigurationError as error:
            # Said once; the next change is looked at again.
            self._read = self._seen
            self._say_broken(error)
            return False
        return True

    def _states(self) -> _States:
        try:
            return self._files.states()
        except OSError:
            # Being replaced, or out of sight.
            return ()

    def _say_broken(self, error: ConfigurationError) -> None:
        _log.error("%s; the certificate before is used on", error)

    def _say_complaint(self) -> None:
        if complaint := self.current.complaint():
            _log.warning("The certificate in %s %s", self._files.certificate, complaint)
