#include "client/recipe_programs.h"

#include "client/trust_program.h"

#include <string.h>

static const recipe_program programs[] = {
    {.name = "kubectl",
     .arguments = {"--kubeconfig=/dev/null", "--token=none", "--server=https://%HOST%:%PORT%", "--request-timeout=10s", "get",
                   "--raw", "/"},
     .led = {"--kubeconfig=/dev/null", "--token=none", "--server=https://%ADDRESS%:%PORT%", "--tls-server-name=%HOST%",
             "--request-timeout=10s", "get", "--raw", "/"},
     .source = "kubectl options; without a token it may ask for a name and a password before it connects"},
    {.name = "docker",
     .arguments = {"--config", "%FOLDER%", "manifest", "inspect", "%HOST%:%PORT%/tlswhy"},
     .source = "docker manifest inspect: the client itself asks the registry"},
    {.name = "terraform",
     .variables = {"TF_CLI_CONFIG_FILE=/dev/null", "CHECKPOINT_DISABLE=1"},
     .arguments = {"login", "%HOST%:%PORT%"},
     .source = "terraform login: asks for /.well-known/terraform.json before it asks the user"},
    {.name = "go",
     .variables = {"GOPROXY=https://%HOST%:%PORT%", "GOSUMDB=off", "GONOPROXY=none", "GOTOOLCHAIN=local", "GOFLAGS=-mod=mod",
                   "GOENV=off", "GOMODCACHE=%FOLDER%/go", "GOPATH=%FOLDER%/go"},
     .arguments = {"list", "-m", "-versions", "tlswhy.example/none"},
     .source = "go help goproxy"},
    {.name = "cargo",
     .variables = {"CARGO_HOME=%FOLDER%/cargo", "CARGO_NET_RETRY=0"},
     .arguments = {"search", "--index", "sparse+https://%HOST%:%PORT%/", "tlswhy"},
     .source = "cargo search; Cargo's configuration"},
    {.name = "rustup",
     .variables = {"RUSTUP_DIST_SERVER=https://%HOST%:%PORT%", "RUSTUP_UPDATE_ROOT=https://%HOST%:%PORT%"},
     .arguments = {"check", "--no-self-update"},
     .source = "rustup's book, environment variables"},
    {.name = "rclone",
     .variables = {"RCLONE_CONFIG=/dev/null"},
     .arguments = {"--retries", "1", "--low-level-retries", "1", "lsf", ":http:", "--http-url", "https://%HOST%:%PORT%/"},
     .source = "rclone's documentation, HTTP"},
    {.name = "socat",
     .arguments = {"-t", "1", "-", "OPENSSL:%HOST%:%PORT%,snihost=%HOST%,commonname=%HOST%"},
     .led = {"-t", "1", "-", "OPENSSL:%ADDRESS%:%PORT%,snihost=%HOST%,commonname=%HOST%"},
     .source = "socat(1)"},
    {.name = "ncat",
     .arguments = {"--ssl", "%HOST%", "%PORT%"},
     .led = {"--ssl", "--ssl-servername", "%HOST%", "%ADDRESS%", "%PORT%"},
     .source = "ncat(1): by default it verifies nothing"},
    {.name = "wget2",
     .runtime = RUNTIME_WGET,
     .arguments = {"-q", "-O", "/dev/null", "--no-proxy", "--no-tcp-fastopen", "--tries=1", "https://%HOST%:%PORT%/"},
     .source = "wget2(1)"},
    {.name = "ldapsearch",
     .arguments = {"-x", "-H", "ldaps://%HOST%:%PORT%", "-b", "", "-s", "base", "-o", "nettimeout=10"},
     .source = "ldapsearch(1)"},
    {.name = "aria2c",
     .arguments = {"--no-conf", "--dry-run=true", "--max-tries=1", "--all-proxy=", "--dir=%FOLDER%", "https://%HOST%:%PORT%/"},
     .source = "aria2c(1)"},
    {.name = "lynx", .arguments = {"-noredir", "-dump", "https://%HOST%:%PORT%/"}, .source = "lynx(1)"},
    {.name = "w3m", .arguments = {"-no-cookie", "-dump_head", "https://%HOST%:%PORT%/"}, .source = "w3m(1)"},
    {.name = "links", .arguments = {"-dump", "https://%HOST%:%PORT%/"}, .source = "links(1)"},
    {.name = "elinks", .arguments = {"-no-home", "-dump", "https://%HOST%:%PORT%/"}, .source = "elinks(1)"},
    {.name = "lftp",
     .arguments = {"-f", "/dev/null", "-c", "set net:max-retries 1; open https://%HOST%:%PORT%/ && cls /"},
     .source = "lftp(1)"},
    {.name = "sslscan", .reason = "it is a scanner: its connections are meant to fail", .source = "sslscan(1)"},
    {.name = "psql", .reason = "it speaks TLS within PostgreSQL's protocol alone", .source = "psql(1)"},
};

const recipe_program *recipe_program_find(enum runtime runtime, const char *program)
{
    const char *name = program == NULL ? "" : base_name(program);
    enum runtime wanted = runtime == RUNTIME_GO ? RUNTIME_OTHER : runtime;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (programs[i].runtime == wanted && strcmp(programs[i].name, name) == 0)
            return &programs[i];
    return NULL;
}
