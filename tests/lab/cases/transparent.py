"""Commands that live as if nobody watched: what real programs do over TLS, with and without tlswhy, compared by output, exit status and
time. The single system calls are in tests/lab/trace."""
import hashlib
import io
import json
import os
import shlex
import socket
import subprocess
import tarfile
import zipfile

from lab import Case, case
from machine import CACHE, Missing, need


def works(argv, port, **more):
    return Case(argv, port, None, fails=False, compares_output=True, **more)


# ---- what programs fetch ---------------------------------------------------------------------------------------------
@case
def transparent_git_clone(lab):
    """Git over HTTPS, from a repository that lies there as files."""
    need("git")
    work, bare = lab.dir / "work", lab.dir / "served.git"
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "init.defaultBranch=main"]
    for arguments in (["init", "-q", str(work)], ["-C", str(work), "commit", "-q", "--allow-empty", "-m", "first"],
                      ["clone", "-q", "--bare", str(work), str(bare)], ["-C", str(bare), "update-server-info"]):
        subprocess.run([*git, *arguments], check=True, capture_output=True)
    port = lab.nginx(f"location /served.git {{ root {lab.dir}; }}")
    clone = f"git -c http.sslCAInfo={shlex.quote(lab.ca)} clone -q https://localhost:{port}/served.git here && git -C here log --format=%s"
    return works(["sh", "-c", f"cd {shlex.quote(str(lab.dir))} && rm -rf here && {clone}"], port)


def pack(folder, name):
    """A package of npm's: one file in an archive."""
    archive, manifest = io.BytesIO(), json.dumps({"name": name, "version": "1.0.0"}).encode()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("package/package.json")
        member.size = len(manifest)
        tar.addfile(member, io.BytesIO(manifest))
    (folder / f"{name}-1.0.0.tgz").write_bytes(archive.getvalue())
    return hashlib.sha1(archive.getvalue()).hexdigest()


@case
def transparent_npm_install(lab):
    """A package of a registry on loopback, by npm with all its connections."""
    need("npm")
    served = lab.dir / "registry"
    served.mkdir()
    digest = pack(served, "small-thing")
    port = lab.nginx(f"location /small-thing {{ root {served}; default_type application/json; try_files /document.json =404; }} "
                     f"location /files/ {{ alias {served}/; }}")
    (served / "document.json").write_text(json.dumps({
        "name": "small-thing", "dist-tags": {"latest": "1.0.0"},
        "versions": {"1.0.0": {"name": "small-thing", "version": "1.0.0", "dist": {
            "shasum": digest, "tarball": f"https://localhost:{port}/files/small-thing-1.0.0.tgz"}}}}))
    options = f"--registry https://localhost:{port}/ --cafile {shlex.quote(lab.ca)} --no-audit --no-fund --no-update-notifier --loglevel=error"
    script = f"""cd {shlex.quote(str(lab.dir))} && rm -rf project && mkdir project && cd project && echo '{{}}' > package.json &&
HOME=$PWD npm install --silent {options} small-thing >/dev/null && cat node_modules/small-thing/package.json"""
    return works(["sh", "-c", script], port)


def make_wheel(path, name):
    """A package of Python's: one module, and the three files that describe it."""
    files = {f"{name}.py": "told = 'small'\n", f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
             f"{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    with zipfile.ZipFile(path, "w") as wheel:
        for inner, text in files.items():
            wheel.writestr(inner, text)
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", "".join(f"{inner},,\n" for inner in files))


@case
def transparent_pip_download(lab):
    """A wheel of an index on loopback."""
    need("pip")
    page = lab.dir / "simple/small-thing"
    page.mkdir(parents=True)
    wheel = "small_thing-1.0-py3-none-any.whl"
    make_wheel(page / wheel, "small_thing")
    digest = hashlib.sha256((page / wheel).read_bytes()).hexdigest()
    (page / "index.html").write_text(f'<!DOCTYPE html><html><body><a href="{wheel}#sha256={digest}">{wheel}</a></body></html>\n')
    port = lab.nginx(f"location /simple/ {{ root {lab.dir}; default_type text/html; }}")
    options = ["--quiet", "--isolated", "--disable-pip-version-check", "--no-cache-dir", "--no-deps", "--cert", lab.ca,
               "--index-url", f"https://localhost:{port}/simple/"]
    script = f"cd {shlex.quote(str(lab.dir))} && rm -rf got && pip download {shlex.join(options)} -d got small-thing && sha256sum got/*"
    return works(["sh", "-c", script], port)


@case
def transparent_apt_get_update(lab):
    """An archive of Debian's kind on loopback, by apt's own processes and their sandbox."""
    need("apt-get")
    served, state = lab.dir / "archive", lab.dir / "apt"
    for folder in (served, state / "lists/partial", state / "archives/partial", state / "etc"):
        folder.mkdir(parents=True)
    (served / "Packages").write_text("Package: thing\nVersion: 1\nArchitecture: all\nFilename: thing.deb\nSize: 1\nSHA256: " + "0" * 64 + "\n\n")
    digest = hashlib.sha256((served / "Packages").read_bytes()).hexdigest()
    (served / "Release").write_text(f"Date: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n {digest} {(served / 'Packages').stat().st_size} Packages\n")
    port = lab.nginx(f"location /archive {{ root {lab.dir}; }}")
    (state / "etc/sources.list").write_text(f"deb [trusted=yes] https://localhost:{port}/archive ./\n")
    (state / "status").write_text("")
    settings = {"Dir::State": state, "Dir::State::status": state / "status", "Dir::Cache": state, "Dir::Etc": state / "etc", "Acquire::https::CAInfo": lab.ca,
                "APT::Sandbox::User": "", "Acquire::Languages": "none", "Dir::Etc::sourceparts": "-", "Dir::Etc::parts": "-"}
    options = " ".join(shlex.quote(f"-o{name}={value}") for name, value in settings.items())
    script = f"rm -rf {state}/lists; mkdir -p {state}/lists/partial; apt-get -qq {options} update && apt-cache {options} pkgnames"
    return works(["sh", "-c", script], port)


@case
def transparent_static_go(lab):
    """A program without a C library: nothing could be preloaded into it."""
    need("go")
    source = lab.file("get.go", """package main
import ("crypto/tls"; "crypto/x509"; "fmt"; "io"; "net/http"; "os")
func main() {
    pem, _ := os.ReadFile(os.Args[1])
    roots := x509.NewCertPool()
    roots.AppendCertsFromPEM(pem)
    client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
    answer, err := client.Get(os.Args[2])
    if err != nil { fmt.Println(err); os.Exit(1) }
    body, _ := io.ReadAll(answer.Body)
    fmt.Println(answer.Status, len(body))
}
""")
    program = lab.dir / "get"
    built = subprocess.run(["go", "build", "-o", str(program), source], capture_output=True,
                           env={**os.environ, "CGO_ENABLED": "0", "GOCACHE": str(CACHE / "go-cache"), "GOFLAGS": "-mod=mod", "HOME": str(lab.dir)})
    if built.returncode:
        raise Missing("a Go that builds")
    port = lab.nginx()
    return works([str(program), lab.ca, f"https://localhost:{port}/"], port)


# ---- what is cut short, or takes its time ------------------------------------------------------------------------------
@case
def transparent_cancelled_download(lab):
    """The reader has seen enough: curl is told so by a closed pipe."""
    lab.file("blob", "x" * 20_000_000)
    port = lab.nginx(f"location /blob {{ root {lab.dir}; }}")
    fetch = shlex.join(["curl", "-sS", "--cacert", lab.ca, f"https://localhost:{port}/blob"])
    return works(["sh", "-c", f"{{ {fetch}; echo $? >&2; }} | head -c 1000 | wc -c"], port)


@case
def transparent_download_ended_by_time(lab):
    """Curl gives up in the middle: with the same status, and no alarm, since the handshake was well."""
    lab.file("blob", "x" * 20_000_000)
    port = lab.nginx(f"limit_rate 1m; location /blob {{ root {lab.dir}; }}")
    fetch = shlex.join(["curl", "-sS", "-o", "/dev/null", "--max-time", "1", "--cacert", lab.ca, f"https://localhost:{port}/blob"])
    return works(["sh", "-c", f"{fetch} 2>/dev/null; echo $?"], port, extra_seconds=1.5)


@case
def transparent_first_address_is_a_black_hole(lab):
    """The name's first address answers nothing; curl tries the second after a fifth of a second, watched or not."""
    lab.has_ipv6()
    port = lab.s_server()
    hole = lab.black_hole(socket.AF_INET6, "::1", port)
    return works(lab.curl(hole, "--resolve", f"localhost:{hole}:[::1],127.0.0.1"), port, extra_seconds=1.5, connections=2)


@case
def transparent_timer_runs_during_a_slow_connect(lab):
    """A connect that is not answered must not hold Node.js' event loop: its timer ticks as often as alone."""
    need("node")
    hole = lab.black_hole()
    script = f"""let ticks = 0; setInterval(() => ticks++, 20);
const s = require('tls').connect({{host: '127.0.0.1', port: {hole}}});
s.on('error', e => console.log(e.code));
setTimeout(() => {{ console.log(ticks > 20 ? 'ticks' : 'only ' + ticks); process.exit(0); }}, 1000);"""
    return works(["node", "-e", script], hole, extra_seconds=1.5)


@case
def transparent_hundred_at_once(lab):
    port = lab.nginx()
    config = lab.file("urls", "".join(f'url = "https://localhost:{port}/{i}"\noutput = "/dev/null"\n' for i in range(100)))
    argv = ["curl", "-sS", "--http1.1", "-Z", "--parallel-immediate", "--parallel-max", "100", "--no-progress-meter", "--cacert", lab.ca, "-K", config]
    return works(argv, port, connections=50)


@case
def transparent_dual_stack(lab):
    """A name of both families where both are served: the first one is taken, the second never tried."""
    lab.has_ipv6()
    port = lab.s_server(address="[::1]")
    return works(lab.curl(port, "-w", "%{remote_ip}\n", "--resolve", f"localhost:{port}:[::1],127.0.0.1"), port, connections=1)


@case
def transparent_half_of_a_pipeline(lab):
    """Watched in the middle of a pipe: input and output are the command's own."""
    port = lab.nginx("client_max_body_size 0; location /put { return 200 $request_length; }")
    post = shlex.join(["curl", "-sS", "--http1.1", "--cacert", lab.ca, "--data-binary", "@-", f"https://localhost:{port}/put"])
    return works(["sh", "-c", f"head -c 30000 /dev/zero | {post}"], port)
