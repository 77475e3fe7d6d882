"""Why a Go program lacks it: crypto/tls cannot be asked for its default hello, and its version says what that has. All are stripped."""
import shutil
import subprocess

from clients import go_binary
from lab import Case, case
from machine import need


def stripped(lab, port, *options, host=None):
    need("strip")
    argv, exe = lab.go(port, *options, host=host), lab.dir / "client"
    shutil.copy(go_binary(), exe)
    subprocess.run(["strip", str(exe)], check=True)
    return [str(exe), *argv[1:]]


def go_case(name, cause, why, server, *options, says=(), host=None):
    """One more case of these, by that name."""
    def make(lab):
        port = server(lab)
        return Case(stripped(lab, port, *options, host=host), port, cause, why=why, says=says)
    make.__name__ = f"why_go_{name}"
    case(make)


def s_server(*options, cert="rsa"):
    return lambda lab: lab.s_server(*options, cert=cert)


NEVER = ("no version of it can",)
go_case("never_had_dhe", "no-shared-cipher", "library", s_server("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"), says=NEVER)
go_case("never_had_ccm", "no-shared-cipher", "library", s_server("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM", cert="ecdsa"), says=NEVER)
go_case("never_had_x448", "no-shared-group", "library", s_server("-tls1_3", "-groups", "X448"), says=NEVER)
go_case("never_had_ffdhe", "no-shared-group", "library", s_server("-tls1_3", "-groups", "ffdhe2048"), says=NEVER)
go_case("never_had_brainpool", "no-shared-group", "library", s_server("-tls1_2", "-groups", "brainpoolP256r1", "-cipher", "ECDHE"), says=NEVER)
go_case("does_not_offer_cbc_sha256", "no-shared-cipher", "default", s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256"), says=("does not offer",))
go_case("lowest_version", "server-version-too-old", "default", s_server("-tls1_1", "-cipher", "ALL@SECLEVEL=0"), says=("MinVersion",))
go_case("max_version", "client-version-too-old", "code", s_server("-tls1_3"), "-max12", says=("MaxVersion",))
go_case("min_version", "server-version-too-old", "code", s_server("-tls1_2"), "-min13", says=("MinVersion",))
go_case("cipher_suites", "no-shared-cipher", "code", s_server("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"), "-aes128", says=("CipherSuites",))
go_case("curve_preferences", "no-shared-group", "code", s_server("-tls1_3", "-groups", "P-384"), "-x25519", says=("CurvePreferences",))
go_case("next_protos", "alpn-mismatch", "code", s_server("-tls1_3", "-alpn", "imap"), "-alpn", "h2", says=("NextProtos",))
