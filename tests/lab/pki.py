"""Certificates for localhost and 127.0.0.1, in every shape that a case needs. Made by the openssl command, once for each machine."""
import subprocess
import threading
from pathlib import Path

LEAF = ("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
CLIENT_LEAF = LEAF.replace("serverAuth", "clientAuth")
ROOT = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
INTERMEDIATE = ROOT + "authorityKeyIdentifier=keyid\n"
LOCALHOST = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n"
OTHER_NAMES = "subjectAltName=DNS:other.example,DNS:www.other.example\n"

# name: (subject, issuer, extensions, key, first day, last day[, what its signature hashes with]); key: a kind, or "of NAME" for that one's
ALWAYS = ("20250101000000Z", "20450101000000Z")
CERTIFICATES = {
    "root": ("/O=Lab/CN=Lab Root", "root", ROOT, "rsa", *ALWAYS),
    "intermediate": ("/O=Lab/CN=Lab Intermediate", "root", INTERMEDIATE, "rsa", *ALWAYS),
    "rsa": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "rsa", *ALWAYS),
    "ecdsa": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "prime256v1", *ALWAYS),
    "ed25519": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "ed25519", *ALWAYS),
    "expired": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "rsa", "20240101000000Z", "20250301000000Z"),
    "wrongname": ("/O=Lab/CN=other.example", "intermediate", LEAF + OTHER_NAMES, "rsa", *ALWAYS),
    "pattern": ("/O=Lab/CN=deep.api.example.test", "intermediate", LEAF + "subjectAltName=DNS:*.example.test\n", "rsa", *ALWAYS),
    "selfsigned": ("/O=Lab/CN=localhost", "selfsigned", LEAF + LOCALHOST, "rsa", *ALWAYS),
    "stranger": ("/O=Elsewhere/CN=a stranger", "stranger", CLIENT_LEAF.replace("authorityKeyIdentifier=keyid\n", ""), "rsa", *ALWAYS),
    "future": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "rsa", "20400101000000Z", "20450101000000Z"),
    "clientonly": ("/O=Lab/CN=localhost", "intermediate", CLIENT_LEAF + LOCALHOST, "rsa", *ALWAYS),
    "rsa1024": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "rsa1024", *ALWAYS),
    "muststaple": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST + "tlsfeature=status_request\n", "rsa", *ALWAYS),
    "revoked": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "rsa", *ALWAYS),
    "revoked-by-root": ("/O=Lab/CN=localhost", "root", LEAF + LOCALHOST, "rsa", *ALWAYS),
    "private-root": ("/O=Private/CN=Private Root", "private-root", ROOT, "rsa", *ALWAYS),
    "private": ("/O=Private/CN=localhost", "private-root", LEAF + LOCALHOST, "rsa", *ALWAYS),
    "lax-root": ("/O=Lax/CN=Lax Root", "lax-root", "basicConstraints=CA:TRUE\nsubjectKeyIdentifier=hash\n", "rsa", *ALWAYS),
    "lax": ("/O=Lax/CN=localhost", "lax-root", "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n" + LOCALHOST, "rsa", *ALWAYS),
    "hostile": ("/O=Lab/CN=\x1b[31mred\x1b]0;title\x07\x7f", "private-root", LEAF + LOCALHOST, "rsa", *ALWAYS),
    "sha1": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "rsa", *ALWAYS, "sha1"),
    "sha1-intermediate": ("/O=Lab/CN=Lab Intermediate", "root", INTERMEDIATE, "of intermediate", *ALWAYS, "sha1"),
    "old-root": ("/O=Old/CN=Old Root", "old-root", ROOT, "rsa", "20100101000000Z", "20210930000000Z"),
    "crossed": ("/O=Lab/CN=Lab Root", "old-root", INTERMEDIATE, "of root", *ALWAYS),
    "expired-client": ("/O=Lab/CN=a client of yesterday", "intermediate", CLIENT_LEAF, "rsa", "20240101000000Z", "20250301000000Z"),
    "client": ("/O=Lab/CN=a client", "intermediate", CLIENT_LEAF, "rsa", *ALWAYS),
}
WITHOUT_CHAIN = {"root", "selfsigned", "stranger", "private-root", "private", "lax-root", "lax", "hostile"}


class Pki:
    """root -> intermediate -> leaves."""
    making = threading.Lock()

    def __init__(self, folder):
        self.folder = folder
        with Pki.making:
            folder.mkdir(parents=True, exist_ok=True)
            for name, row in CERTIFICATES.items():
                if not (folder / f"{name}.pem").exists():
                    self._make(name, *row)

    def file(self, name):
        return str(self.folder / name)

    def leaf(self, name):
        return self.file(f"{name}.pem"), self.file(f"{name}.key")

    def bundle(self, name):
        """The leaf, and the intermediate where it has one."""
        path = self.folder / f"{name}.bundle.pem"
        with Pki.making:
            if not path.exists():
                chain = "" if name in WITHOUT_CHAIN else (self.folder / "intermediate.pem").read_text()
                path.write_text((self.folder / f"{name}.pem").read_text() + chain)
        return str(path)

    def leaf_with_issuer_at(self, folder, uri):
        """A leaf that says where its issuer is to be had (RFC 5280, 4.2.2.1), with the key of the leaf "rsa". Made for one case."""
        extensions, request, leaf = (Path(folder) / f"with-issuer.{end}" for end in ("ext", "csr", "pem"))
        extensions.write_text(f"{LEAF}{LOCALHOST}authorityInfoAccess=caIssuers;URI:{uri}\n")
        self._openssl("req", "-new", "-key", "rsa.key", "-subj", "/O=Lab/CN=localhost", "-out", str(request))
        self._openssl("x509", "-req", "-in", str(request), "-CA", "intermediate.pem", "-CAkey", "intermediate.key", "-days", "3650", "-extfile",
                      str(extensions), "-out", str(leaf))
        return str(leaf)

    def issuer(self, form):
        """The intermediate as it is to be had: "der", "p7c" (a CMS message of certificates alone) or "pem"."""
        path = self.folder / f"issuer.{form}"
        with Pki.making:
            if not path.exists():
                made = {"der": ["x509", "-outform", "DER", "-in"], "pem": ["x509", "-in"], "p7c": ["crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile"]}[form]
                self._openssl(*made, "intermediate.pem", "-out", f"issuer.{form}.tmp")
                (self.folder / f"issuer.{form}.tmp").rename(path)
        return str(path)

    def joined(self, *names):
        """Those certificates in one file, in that order."""
        path = self.folder / ("+".join(names) + ".pem")
        with Pki.making:
            if not path.exists():
                path.write_text("".join((self.folder / f"{name}.pem").read_text() for name in names))
        return str(path)

    def dh(self, bits):
        path = self.folder / f"dh{bits}.pem"
        with Pki.making:
            if not path.exists():
                self._openssl("dhparam", "-out", path.name, str(bits))
        return str(path)

    def many(self, count):
        """A chain of `count` certificates, of which all but the first have nothing to do with the leaf."""
        path = self.folder / f"many-{count}.pem"
        with Pki.making:
            if not path.exists():
                path.write_text((self.folder / "intermediate.pem").read_text() + (self.folder / "private-root.pem").read_text() * (count - 1))
        return str(path)

    def revocations(self, by="intermediate", revoked="revoked"):
        """A list of that issuer on which that leaf is."""
        path = self.folder / f"revocations-by-{by}.pem"
        with Pki.making:
            if not path.exists():
                ca = self.folder / f"ca-revocations-by-{by}"
                ca.mkdir(exist_ok=True)
                (ca / "index.txt").write_text("")
                (ca / "number").write_text("01\n")
                (ca / "ca.cnf").write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={ca}/index.txt\ncrlnumber={ca}/number\ndefault_md=sha256\ndefault_crl_days=3650\n")
                signer = ["-config", str(ca / "ca.cnf"), "-cert", f"{by}.pem", "-keyfile", f"{by}.key"]
                self._openssl("ca", "-revoke", f"{revoked}.pem", *signer)
                self._openssl("ca", "-gencrl", "-out", f"{path.name}.tmp", *signer)
                (self.folder / f"{path.name}.tmp").rename(path)
        return str(path)

    def java_trust(self, name="root"):
        path = self.folder / ("trust.p12" if name == "root" else f"trust-{name}.p12")
        with Pki.making:
            if not path.exists():
                subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "root", "-file", self.file(f"{name}.pem"), "-storetype", "PKCS12",
                                "-keystore", str(path), "-storepass", "changeit"], check=True, capture_output=True)
        return str(path)

    def java_key(self, name):
        """That leaf and its key, as Java wants them."""
        path = self.folder / f"{name}.p12"
        with Pki.making:
            if not path.exists():
                self._openssl("pkcs12", "-export", "-in", f"{name}.pem", "-inkey", f"{name}.key", "-out", path.name, "-passout", "pass:changeit")
        return str(path)

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise RuntimeError("openssl " + " ".join(arguments) + "\n" + done.stderr)

    def _make_key(self, name, kind):
        if kind.startswith("of "):
            (self.folder / f"{name}.key").write_text((self.folder / f"{kind[3:]}.key").read_text())
        elif kind.startswith("rsa"):
            self._openssl("genrsa", "-out", f"{name}.key", kind[3:] or "2048")
        elif kind == "ed25519":
            self._openssl("genpkey", "-algorithm", "ed25519", "-out", f"{name}.key")
        else:
            self._openssl("ecparam", "-name", kind, "-genkey", "-noout", "-out", f"{name}.key")

    def _make(self, name, subject, issuer, extensions, key, first, last, digest="sha256"):
        """`openssl ca` is the one command of OpenSSL 3.0 that takes any first and last day."""
        self._make_key(name, key)
        (self.folder / f"{name}.ext").write_text("[e]\n" + extensions)
        self._openssl("req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr", "-sha256")
        ca = self.folder / f"ca-{name}"
        ca.mkdir(exist_ok=True)
        (ca / "index.txt").write_text("")
        (ca / "ca.cnf").write_text(f"[ca]\ndefault_ca=d\n[d]\ndir={ca}\ndatabase={ca}/index.txt\nnew_certs_dir={ca}\nrand_serial=yes\n"
                                   f"default_md={digest}\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\norganizationName=optional\n")
        signer = ["-selfsign", "-keyfile", f"{name}.key"] if issuer == name else ["-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key"]
        self._openssl("ca", "-batch", "-config", str(ca / "ca.cnf"), "-in", f"{name}.csr", "-out", f"{name}.tmp", "-notext", "-extfile",
                      f"{name}.ext", "-extensions", "e", "-startdate", first, "-enddate", last, *signer)
        (self.folder / f"{name}.tmp").rename(self.folder / f"{name}.pem")
