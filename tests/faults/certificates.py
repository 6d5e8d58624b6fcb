"""A valid, an expired and a misnamed certificate for loopback, all from a trusted authority."""

import ssl
import subprocess
from pathlib import Path

_CONFIG = """
[ca]
default_ca = here
[here]
new_certs_dir = {folder}
database = {folder}/index.txt
serial = {folder}/serial
unique_subject = no
default_md = sha256
policy = policy
x509_extensions = {name}
[policy]
commonName = supplied
[{name}]
subjectAltName = {names}
basicConstraints = CA:true
"""
_KINDS = {
    "valid": ("IP:127.0.0.1", "20250101000000Z", "20991231000000Z"),
    "expired": ("IP:127.0.0.1", "20250101000000Z", "20250102000000Z"),
    "wrong": ("DNS:elsewhere.example", "20250101000000Z", "20991231000000Z"),
}


class Certificates:
    """Made with openssl in a folder; only name or date is ever wrong, never the authority."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in _KINDS:
            self._make(name)
        self.trusted = folder / "trusted.pem"
        self.trusted.write_text("".join((folder / f"{n}.pem").read_text() for n in _KINDS))

    def context(self, name: str) -> ssl.SSLContext:
        """What a server with this certificate speaks."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context

    def _make(self, name: str) -> None:
        names, begin, end = _KINDS[name]
        here = self.folder
        config = here / f"{name}.cnf"
        config.write_text(_CONFIG.format(folder=here, name=name, names=names))
        (here / "index.txt").write_text("")
        (here / "serial").write_text(f"0{list(_KINDS).index(name) + 1}\n")
        key, request = here / f"{name}.key", here / f"{name}.csr"
        self._openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-nodes", "-keyout", str(key), "-subj", f"/CN={name}",
                      "-out", str(request))  # fmt: skip
        self._openssl("ca", "-batch", "-selfsign", "-config", str(config), "-keyfile", str(key),
                      "-in", str(request), "-startdate", begin, "-enddate", end, "-notext",
                      "-out", str(here / f"{name}.pem"))  # fmt: skip

    @staticmethod
    def _openssl(*arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
