"""Certificates for localhost and 127.0.0.1, in every shape that a case needs. Made by the openssl command, once for each machine."""
import subprocess
import threading

LEAF = ("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
CLIENT_LEAF = LEAF.replace("serverAuth", "clientAuth")
ROOT = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
INTERMEDIATE = ROOT + "authorityKeyIdentifier=keyid\n"
LOCALHOST = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n"
OTHER_NAMES = "subjectAltName=DNS:other.example,DNS:www.other.example\n"

# name: (subject, issuer, extensions, key, first day, last day)
ALWAYS = ("20250101000000Z", "20450101000000Z")
CERTIFICATES = {
    "root": ("/O=Lab/CN=Lab Root", "root", ROOT, "rsa", *ALWAYS),
    "intermediate": ("/O=Lab/CN=Lab Intermediate", "root", INTERMEDIATE, "rsa", *ALWAYS),
    "rsa": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "rsa", *ALWAYS),
    "ecdsa": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "prime256v1", *ALWAYS),
    "ed25519": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "ed25519", *ALWAYS),
    "expired": ("/O=Lab/CN=localhost", "intermediate", LEAF + LOCALHOST, "rsa", "20240101000000Z", "20250301000000Z"),
    "wrongname": ("/O=Lab/CN=other.example", "intermediate", LEAF + OTHER_NAMES, "rsa", *ALWAYS),
    "selfsigned": ("/O=Lab/CN=localhost", "selfsigned", LEAF + LOCALHOST, "rsa", *ALWAYS),
    "stranger": ("/O=Elsewhere/CN=a stranger", "stranger", CLIENT_LEAF.replace("authorityKeyIdentifier=keyid\n", ""), "rsa", *ALWAYS),
    "client": ("/O=Lab/CN=a client", "intermediate", CLIENT_LEAF, "rsa", *ALWAYS),
}
WITHOUT_CHAIN = {"root", "selfsigned", "stranger"}


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

    def dh(self, bits):
        path = self.folder / f"dh{bits}.pem"
        with Pki.making:
            if not path.exists():
                self._openssl("dhparam", "-out", path.name, str(bits))
        return str(path)

    def java_trust(self):
        path = self.folder / "trust.p12"
        with Pki.making:
            if not path.exists():
                subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "root", "-file", self.file("root.pem"), "-storetype", "PKCS12",
                                "-keystore", str(path), "-storepass", "changeit"], check=True, capture_output=True)
        return str(path)

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError("openssl " + " ".join(arguments) + "\n" + done.stderr)

    def _make_key(self, name, kind):
        if kind == "rsa":
            self._openssl("genrsa", "-out", f"{name}.key", "2048")
        elif kind == "ed25519":
            self._openssl("genpkey", "-algorithm", "ed25519", "-out", f"{name}.key")
        else:
            self._openssl("ecparam", "-name", kind, "-genkey", "-noout", "-out", f"{name}.key")

    def _make(self, name, subject, issuer, extensions, key, first, last):
        """`openssl ca` is the one command of OpenSSL 3.0 that takes any first and last day."""
        self._make_key(name, key)
        (self.folder / f"{name}.ext").write_text("[e]\n" + extensions)
        self._openssl("req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr", "-sha256")
        ca = self.folder / f"ca-{name}"
        ca.mkdir(exist_ok=True)
        (ca / "index.txt").write_text("")
        (ca / "ca.cnf").write_text(f"[ca]\ndefault_ca=d\n[d]\ndir={ca}\ndatabase={ca}/index.txt\nnew_certs_dir={ca}\nrand_serial=yes\n"
                                   "default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\norganizationName=optional\n")
        signer = ["-selfsign", "-keyfile", f"{name}.key"] if issuer == name else ["-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key"]
        self._openssl("ca", "-batch", "-config", str(ca / "ca.cnf"), "-in", f"{name}.csr", "-out", f"{name}.tmp", "-notext", "-extfile",
                      f"{name}.ext", "-extensions", "e", "-startdate", first, "-enddate", last, *signer)
        (self.folder / f"{name}.tmp").rename(self.folder / f"{name}.pem")
