#include "client/recipe.h"

#include "client/java_get.h"
#include "client/recipe_programs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 14, ALL_ARGUMENTS_MAX = 48 };

/* "NONE" is no file: it trusts nobody (JSSE reference guide). */
#define NO_STORE_OF_JAVA "-Djavax.net.ssl.trustStore=NONE"
#define ALL_SUITES "ALL:COMPLEMENTOFALL:@SECLEVEL=0"

/* %HOST%, %ADDRESS%, %PORT% and %FOLDER% stand for the target's. */
static const char python_line[] = "import socket,ssl\n"
                                  "s=socket.create_connection(('%ADDRESS%',%PORT%),15)\n"
                                  "c=getattr(ssl,'create_default_context',None)\n"
                                  "if c: s=c().wrap_socket(s,server_hostname='%HOST%')\n"
                                  "else: s=ssl.wrap_socket(s)\n"
                                  "s.sendall(b'HEAD / HTTP/1.0\\r\\nHost: %HOST%\\r\\n\\r\\n')\n"
                                  "s.recv(1)\n";
static const char python_wide[] = "import socket,ssl\n"
                                  "s=socket.create_connection(('%ADDRESS%',%PORT%),15)\n"
                                  "c=ssl.create_default_context()\n"
                                  "c.set_ciphers('" ALL_SUITES "')\n"
                                  "try: c.minimum_version=ssl.TLSVersion.MINIMUM_SUPPORTED\n"
                                  "except Exception: pass\n"
                                  "try: c.options&=~(ssl.OP_NO_SSLv3|ssl.OP_NO_TLSv1|ssl.OP_NO_TLSv1_1)\n"
                                  "except Exception: pass\n"
                                  "c.wrap_socket(s,server_hostname='%HOST%')\n";
static const char node_line[] = "require('https').get({host:'%ADDRESS%',port:%PORT%,servername:'%HOST%',path:'/',agent:false,"
                                "headers:{host:'%HOST%'}},function(r){process.exit(0)})"
                                ".on('error',function(e){console.error(String(e));process.exit(1)})";
static const char node_wide[] =
    "require('https').get({host:'%ADDRESS%',port:%PORT%,servername:'%HOST%',path:'/',minVersion:'TLSv1',"
    "ciphers:'" ALL_SUITES "'}).on('error',function(){process.exit()})";
static const char perl_line[] =
    "use IO::Socket::SSL; my $s=IO::Socket::SSL->new(PeerAddr=>'%ADDRESS%',PeerPort=>%PORT%,SSL_hostname=>'%HOST%',"
    "SSL_verifycn_name=>'%HOST%',SSL_verifycn_scheme=>'http') or die \"$SSL_ERROR\\n\"; "
    "print $s \"HEAD / HTTP/1.0\\r\\nHost: %HOST%\\r\\n\\r\\n\"; <$s>";
static const char perl_wide[] =
    "use IO::Socket::SSL; IO::Socket::SSL->new(PeerAddr=>'%ADDRESS%',PeerPort=>%PORT%,SSL_hostname=>'%HOST%',"
    "SSL_version=>'SSLv23',SSL_cipher_list=>'" ALL_SUITES "');";
static const char ruby_line[] = "require 'net/http'; h=Net::HTTP.new('%HOST%',%PORT%,nil); h.use_ssl=true; h.ipaddr='%ADDRESS%' if "
                                "'%ADDRESS%'!='%HOST%'&&h.respond_to?(:ipaddr=); h.head('/')";
static const char php_led[] = "$c=stream_context_create(['ssl'=>['peer_name'=>'%HOST%']]); "
                              "$s=stream_socket_client('ssl://%ADDRESS%:%PORT%',$n,$t,15,STREAM_CLIENT_CONNECT,$c); "
                              "if(!$s)exit(1); fwrite($s,\"HEAD / HTTP/1.0\\r\\nHost: %HOST%\\r\\n\\r\\n\"); fgets($s);";
static const char php_line[] = "exit(@get_headers('https://%HOST%:%PORT%/')===false?1:0);";

typedef struct recipe {
    enum runtime runtime;
    enum recipe_breadth breadth;
    const char *arguments[ARGUMENTS_MAX]; /* after the program */
} recipe;

/* RECIPE_HELLO, RECIPE_WITHOUT_POLICY and RECIPE_LED go by that of RECIPE_DEFAULT where they have no row. */
static const recipe recipes[] = {
    {RUNTIME_PYTHON, RECIPE_DEFAULT, {"-c", python_line}},
    {RUNTIME_PYTHON, RECIPE_WIDE, {"-c", python_wide}},
    {RUNTIME_NODE, RECIPE_DEFAULT, {"-e", node_line}},
    {RUNTIME_NODE, RECIPE_WIDE, {"-e", node_wide}},
    {RUNTIME_PERL, RECIPE_DEFAULT, {"-e", perl_line}},
    {RUNTIME_PERL, RECIPE_WIDE, {"-e", perl_wide}},
    {RUNTIME_RUBY, RECIPE_DEFAULT, {"-e", ruby_line}},
    {RUNTIME_PHP, RECIPE_DEFAULT, {"-r", php_line}},
    {RUNTIME_PHP, RECIPE_LED, {"-r", php_led}},
    {RUNTIME_CURL,
     RECIPE_DEFAULT,
     {"-sS", "-o", "/dev/null", "--noproxy", "*", "--connect-to", "%HOST%:%PORT%:%ADDRESS%:%PORT%", "https://%HOST%:%PORT%/"}},
    {RUNTIME_CURL,
     RECIPE_WITHOUT_POLICY,
     {"-q", "-s", "-o", "/dev/null", "--noproxy", "*", "--connect-to", "%HOST%:%PORT%:%ADDRESS%:%PORT%", "https://%HOST%:%PORT%/"}},
    {RUNTIME_CURL,
     RECIPE_WIDE,
     {"-q", "-s", "-o", "/dev/null", "--noproxy", "*", "--connect-to", "%HOST%:%PORT%:%ADDRESS%:%PORT%", "--tlsv1.0", "--ciphers",
      ALL_SUITES, "https://%HOST%:%PORT%/"}},
    {RUNTIME_WGET, RECIPE_DEFAULT, {"-q", "-O", "/dev/null", "--no-proxy", "--tries=1", "https://%HOST%:%PORT%/"}},
    {RUNTIME_WGET,
     RECIPE_WITHOUT_POLICY,
     {"--no-config", "-q", "-O", "/dev/null", "--no-proxy", "--tries=1", "https://%HOST%:%PORT%/"}},
    {RUNTIME_OPENSSL,
     RECIPE_DEFAULT,
     {"s_client", "-verify_return_error", "-connect", "%ADDRESS%:%PORT%", "-servername", "%HOST%", "-verify_hostname", "%HOST%"}},
    {RUNTIME_OPENSSL,
     RECIPE_WIDE,
     {"s_client", "-cipher", ALL_SUITES, "-min_protocol", "TLSv1", "-connect", "%ADDRESS%:%PORT%", "-servername", "%HOST%"}},
    {RUNTIME_GNUTLS_CLI, RECIPE_DEFAULT, {"-p", "%PORT%", "%HOST%"}},
    {RUNTIME_GNUTLS_CLI, RECIPE_LED, {"--sni-hostname", "%HOST%", "--verify-hostname", "%HOST%", "-p", "%PORT%", "%ADDRESS%"}},
    {RUNTIME_GIT,
     RECIPE_LED,
     {"-c", "http.proxy=", "-c", "http.curloptResolve=%HOST%:%PORT%:%ADDRESS%", "ls-remote", "https://%HOST%:%PORT%/tlswhy.git"}},
    {RUNTIME_GIT, RECIPE_DEFAULT, {"-c", "http.proxy=", "ls-remote", "https://%HOST%:%PORT%/tlswhy.git"}},
    {RUNTIME_GIT,
     RECIPE_WITHOUT_POLICY,
     {"-c", "http.proxy=", "-c", "http.sslVersion=", "-c", "http.sslCipherList=", "ls-remote", "https://%HOST%:%PORT%/tlswhy.git"}},
    {RUNTIME_JAVA, RECIPE_DEFAULT, {"-XX:TieredStopAtLevel=1", "-cp", "%FOLDER%", JAVA_GET_NAME, "https://%HOST%:%PORT%/"}},
    {RUNTIME_JAVA,
     RECIPE_HELLO,
     {"-XX:TieredStopAtLevel=1", NO_STORE_OF_JAVA, "-cp", "%FOLDER%", JAVA_GET_NAME, "https://%HOST%:%PORT%/"}},
    {RUNTIME_JAVA,
     RECIPE_WITHOUT_POLICY,
     {"-XX:TieredStopAtLevel=1", NO_STORE_OF_JAVA, "-Djava.security.properties=%FOLDER%/open.security", "-cp", "%FOLDER%",
      JAVA_GET_NAME, "https://%HOST%:%PORT%/"}},
};

/* Arguments that name a file of policy, which is none of the program's own. */
static const struct {
    enum runtime runtime;
    const char *option, *value_begins; /* value_begins: or NULL; in the same argument, or the next */
    bool takes_value;
} kept[] = {
    {RUNTIME_NODE, "--openssl-config", NULL, false},
    {RUNTIME_NODE, "--openssl-shared-config", NULL, false},
    {RUNTIME_JAVA, "-Djava.security.properties", NULL, false},
    {RUNTIME_CURL, "--config", NULL, true},
    {RUNTIME_CURL, "-K", NULL, true},
    {RUNTIME_WGET, "--config", NULL, false},
    {RUNTIME_GNUTLS_CLI, "--priority", "@", true},
};

/* ---- places ------------------------------------------------------------------------------------------------------------------ */

static char *with_one(arena *a, const char *text, const char *place, const char *instead)
{
    char *done = bytes_to_text(a, bytes_from_text(text));
    for (size_t from = 0;;) {
        bytes_view all = bytes_from_text(done);
        size_t at = bytes_find(all, place, from);
        if (at == all.len)
            return done;
        done = arena_printf(a, "%s%s%s", bytes_to_text(a, bytes_slice(all, 0, at)), instead, done + at + strlen(place));
        from = at + strlen(instead);
    }
}

/* An address of IPv6 stands in brackets before a port. */
static const char *host_and_port(arena *a, const char *host, unsigned port)
{
    return strchr(host, ':') == NULL ? arena_printf(a, "%s:%u", host, port) : arena_printf(a, "[%s]:%u", host, port);
}

char *recipe_fill(arena *a, const char *text, const recipe_target *to)
{
    const char *address = to->address == NULL ? to->host : to->address;
    const char *done = with_one(a, text, "%HOST%:%PORT%", host_and_port(a, to->host, to->port));
    done = with_one(a, done, "%ADDRESS%:%PORT%", host_and_port(a, address, to->port));
    done = with_one(a, done, "%PORT%", arena_printf(a, "%u", to->port));
    done = with_one(a, done, "%ADDRESS%", address);
    done = with_one(a, done, "%FOLDER%", to->folder == NULL ? "." : to->folder);
    return with_one(a, done, "%HOST%", to->host);
}

bool recipe_is_host(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
    size_t len = strlen(text);
    return len > 0 && len <= 253 && text[0] != '-' && strspn(text, allowed) == len;
}

static const recipe *find_recipe(enum runtime runtime, enum recipe_breadth breadth)
{
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++)
        if (recipes[i].runtime == runtime && recipes[i].breadth == breadth)
            return &recipes[i];
    bool falls_back = breadth == RECIPE_HELLO || breadth == RECIPE_WITHOUT_POLICY || breadth == RECIPE_LED;
    return falls_back ? find_recipe(runtime, RECIPE_DEFAULT) : NULL;
}

static size_t add_kept(arena *a, enum runtime runtime, const process_snapshot *like, char **argv, size_t num)
{
    const char *const *given = like == NULL ? NULL : like->argv;
    for (size_t i = 1; given != NULL && given[0] != NULL && given[i] != NULL; i++)
        for (size_t k = 0; k < sizeof kept / sizeof *kept && num + 2 < ALL_ARGUMENTS_MAX; k++) {
            size_t len = strlen(kept[k].option);
            bool is_it = kept[k].runtime == runtime && strncmp(given[i], kept[k].option, len) == 0 &&
                         (given[i][len] == '\0' || given[i][len] == '=');
            const char *value = !is_it ? NULL : given[i][len] == '=' ? given[i] + len + 1 : given[i + 1];
            if (!is_it || (kept[k].value_begins != NULL && (value == NULL || strstr(value, kept[k].value_begins) == NULL)))
                continue;
            argv[num++] = bytes_to_text(a, bytes_from_text(given[i]));
            if (kept[k].takes_value && given[i][len] == '\0' && value != NULL)
                argv[num++] = bytes_to_text(a, bytes_from_text(value));
        }
    return num;
}

/* What connects for git is a program of its own, beside git. */
static const char *program_of(arena *a, enum runtime runtime, const char *program)
{
    const char *slash = strrchr(program, '/');
    if (runtime != RUNTIME_GIT || slash == NULL || strcmp(slash, "/git") == 0)
        return program;
    return arena_printf(a, "%s/git", bytes_to_text(a, bytes_from(program, (size_t)(slash - program))));
}

static size_t add_filled(arena *a, const char *const *arguments, size_t max, const recipe_target *to, char **argv, size_t num)
{
    for (size_t i = 0; i < max && arguments[i] != NULL; i++)
        argv[num++] = recipe_fill(a, arguments[i], to);
    return num;
}

/* Of a program that is known by its name alone; variables are set by env. */
static char **program_arguments(arena *a, const recipe_program *known, const char *program, const recipe_target *to,
                                enum recipe_breadth breadth)
{
    bool is_led = breadth == RECIPE_LED && known->led[0] != NULL;
    char **argv = ARENA_ARRAY(a, 2 + RECIPE_VARIABLES_MAX + RECIPE_ARGUMENTS_MAX + 1, char *);
    size_t num = 0;
    if (known->variables[0] != NULL) {
        argv[num++] = bytes_to_text(a, bytes_from_text("/usr/bin/env"));
        num = add_filled(a, known->variables, RECIPE_VARIABLES_MAX, to, argv, num);
    }
    argv[num++] = bytes_to_text(a, bytes_from_text(program));
    (void)add_filled(a, is_led ? known->led : known->arguments, RECIPE_ARGUMENTS_MAX, to, argv, num);
    return argv;
}

char **recipe_arguments(arena *a, enum runtime runtime, const char *program, const process_snapshot *like, const recipe_target *to,
                        enum recipe_breadth breadth)
{
    const recipe *r = find_recipe(runtime, breadth);
    const recipe_program *known = recipe_program_find(runtime, program);
    if ((r == NULL && (known == NULL || breadth == RECIPE_WIDE)) || program == NULL ||
        (recipe_needs_folder(runtime, program) && to->folder == NULL))
        return NULL;
    if (known != NULL && breadth != RECIPE_WIDE)
        return program_arguments(a, known, program, to, breadth);
    char **argv = ARENA_ARRAY(a, ALL_ARGUMENTS_MAX + ARGUMENTS_MAX + 2, char *);
    size_t num = 0;
    argv[num++] = bytes_to_text(a, bytes_from_text(program_of(a, runtime, program)));
    if (breadth == RECIPE_DEFAULT || breadth == RECIPE_HELLO || breadth == RECIPE_LED)
        num = add_kept(a, runtime, like, argv, num);
    (void)add_filled(a, r->arguments, ARGUMENTS_MAX, to, argv, num);
    return argv;
}

/* ---- Java's folder --------------------------------------------------------------------------------------------------------------
 */

static const char open_security[] = "jdk.tls.disabledAlgorithms=\njdk.disabled.namedCurves=\n";

bool recipe_exists(enum runtime runtime, const char *program)
{
    const recipe_program *known = recipe_program_find(runtime, program);
    return find_recipe(runtime, RECIPE_DEFAULT) != NULL || (known != NULL && known->arguments[0] != NULL);
}

const char *recipe_missing_because(enum runtime runtime, const char *program)
{
    const recipe_program *known = recipe_program_find(runtime, program);
    return known == NULL ? NULL : known->reason;
}

static bool names_place(const char *const *arguments, size_t max, const char *place)
{
    for (size_t i = 0; i < max && arguments[i] != NULL; i++)
        if (strstr(arguments[i], place) != NULL)
            return true;
    return false;
}

bool recipe_takes_address(enum runtime runtime, const char *program)
{
    const recipe *r = find_recipe(runtime, RECIPE_LED);
    const recipe_program *known = recipe_program_find(runtime, program);
    return (r != NULL && names_place(r->arguments, ARGUMENTS_MAX, "%ADDRESS%")) ||
           (known != NULL && names_place(known->led, RECIPE_ARGUMENTS_MAX, "%ADDRESS%"));
}

bool recipe_needs_folder(enum runtime runtime, const char *program)
{
    const recipe_program *known = recipe_program_find(runtime, program);
    return runtime == RUNTIME_JAVA || (known != NULL && (names_place(known->variables, RECIPE_VARIABLES_MAX, "%FOLDER%") ||
                                                         names_place(known->arguments, RECIPE_ARGUMENTS_MAX, "%FOLDER%")));
}

bool recipe_fill_folder(arena *a, const private_folder *folder, error *e)
{
    return private_folder_write(a, folder, JAVA_GET_NAME ".class", bytes_from(java_get_class, java_get_class_len), false, e) &&
           private_folder_write(a, folder, "open.security", bytes_from_text(open_security), false, e);
}
