/* A module of ours that a runtime loads before the program, and that does what a line in the program itself would do: for what no
 * variable and no flag does. The lines are those that the user is told. */
#include "client/capability.h"
#include "client/overlay_inner.h"
#include "client/runtime_version.h"

#include <string.h>

/* SSL_OP_... of OpenSSL's ssl.h. */
static const char *option_bit(uint16_t code)
{
    return code == EXTENSION_TICKET             ? "0x4000"
           : code == EXTENSION_ENCRYPT_THEN_MAC ? "0x80000"
           : code == EXTENSION_MASTER_SECRET    ? "0x1"
                                                : NULL;
}
#define LEGACY_SERVER_BIT "0x4"

static const char *line(arena *a, const char *lines, const char *before, const char *value, const char *after)
{
    return value == NULL ? lines : arena_printf(a, "%s%s%s%s\n", lines, before, value, after);
}

/* Each line again, further in. */
static const char *indented(arena *a, const char *lines, const char *indent)
{
    const char *text = "";
    for (bytes_view rest = bytes_from_text(lines); rest.len > 0;) {
        bytes_view one = bytes_until(rest, '\n');
        text = arena_printf(a, "%s%s%s\n", text, indent, bytes_to_text(a, one));
        rest = bytes_slice(rest, one.len + 1, rest.len);
    }
    return text;
}

static const char *told(arena *a, const char *lines)
{
    return arena_printf(a, "To keep it, in the program itself, before it connects: %s.", overlay_one_line(a, lines));
}

static bool is_raised(const overlay_asked *q)
{
    return q->wish->version_max != 0 && q->hello != NULL && q->wish->version_max > client_hello_version_max(q->hello);
}

/* ---- Python ---------------------------------------------------------------------------------------------------------------------
 */

/* Since 3.7 a context has a lowest and a highest version; before, an option for each version that is left out, as far as the module
 * knows it. What the code itself leaves out by such an option is taken in again. */
static const char *python_version_lines(const overlay_asked *q, const char *lines)
{
    const wish *w = q->wish;
    arena *a = q->arena;
    const char *version = client_runtime_version(a, q->client);
    bool has_bounds = version != NULL && version_compare(version, "3.7") >= 0;
    if (has_bounds) {
        lines = line(a, lines, "ctx.minimum_version = ssl.TLSVersion.", dialect_version(a, DIALECT_PYTHON, w->version_min), "");
        lines = line(a, lines, "ctx.maximum_version = ssl.TLSVersion.", dialect_version(a, DIALECT_PYTHON, w->version_max), "");
    }
    for (uint16_t v = VERSION_TLS13; v > w->version_max && w->version_max != 0 && !has_bounds; v--)
        lines = line(a, lines, "ctx.options |= getattr(ssl, 'OP_NO_", dialect_version(a, DIALECT_PYTHON, v), "', 0)");
    bool takes_in = q->is_narrowed_by_code || !has_bounds;
    if (takes_in && is_raised(q))
        lines = line(a, lines, "ctx.options &= ~getattr(ssl, 'OP_NO_", dialect_version(a, DIALECT_PYTHON, w->version_max), "', 0)");
    if (takes_in)
        lines = line(a, lines, "ctx.options &= ~getattr(ssl, 'OP_NO_", dialect_version(a, DIALECT_PYTHON, w->version_min), "', 0)");
    return lines;
}

/* What stands between the lines is not told. */
static const char *python_lines(const overlay_asked *q, overlay *out)
{
    enum {
        CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_GROUPS | WISH_LEVEL | WISH_NO_DHE | WISH_NO_ALPN |
              WISH_LEGACY_SERVER | WISH_NOT_STRICT | WISH_WITHOUT | WISH_TRUST
    };
    const wish *w = q->wish;
    arena *a = q->arena;
    const char *lines = "", *bit = w->has_without ? option_bit(w->without) : NULL;
    if (!wish_is_within(w, CAN) || (w->has_without && bit == NULL) || openssl_tls13_list(q, NULL) != NULL)
        return NULL;
    lines = python_version_lines(q, lines);
    lines = line(a, lines, "ctx.set_ciphers('", openssl_cipher_list(q, NULL), "')");
    if (w->groups.num_codes > 0)
        lines = line(a, lines, "ctx.set_ecdh_curve('", dialect_group(a, DIALECT_PYTHON, w->groups.codes[0]), "')");
    lines = line(a, lines, "ctx.options |= ", w->legacy_server ? LEGACY_SERVER_BIT : NULL, "  # ssl.OP_LEGACY_SERVER_CONNECT");
    lines = line(a, lines, "ctx.options |= ", bit, "");
    lines = line(a, lines, "ctx.set_alpn_protocols([])", w->no_alpn ? "" : NULL, "");
    lines = line(a, lines, "ctx.verify_flags &= ~ssl.VERIFY_X509_STRICT", w->not_strict ? "" : NULL, "");
    if ((wish_parts(w) & WISH_TRUST) != 0)
        lines = line(a, lines, "ctx.load_verify_locations('", overlay_trust_path(q, out), "')");
    return lines[0] == 0 ? NULL : lines;
}

/* A context of one protocol (PROTOCOL_TLSv1_2) keeps to it: the names are to mean any version before the program reads them. What
 * such a context verifies is no different. */
static const char protocols_of_any_version[] =
    "    for name in ('PROTOCOL_TLSv1', 'PROTOCOL_TLSv1_1', 'PROTOCOL_TLSv1_2'):\n"
    "        if hasattr(ssl, name):\n"
    "            setattr(ssl, name, getattr(ssl, 'PROTOCOL_TLS', ssl.PROTOCOL_SSLv23))\n";

static bool may_have_one_protocol(const overlay_asked *q)
{
    return q->is_narrowed_by_code && (is_raised(q) || q->wish->version_min != 0);
}

/* site.py imports it before the program; the machine's own of that name comes after it. */
static const char *python_module(arena *a, const char *first_lines, const char *lines, const char *more_lines)
{
    return arena_printf(a,
                        "# Of tlswhy, for one run: what a line in the program itself would do.\n"
                        "import os, sys\n\n"
                        "def _change():\n"
                        "    try:\n"
                        "        import ssl\n"
                        "    except ImportError:\n"
                        "        return\n"
                        "%s"
                        "    def change(ctx):\n"
                        "%s"
                        "    def with_change(own):\n"
                        "        def wrapped(self, *a, **k):\n"
                        "            change(self)\n"
                        "%s"
                        "            return own(self, *a, **k)\n"
                        "        return wrapped\n"
                        "    for name in ('wrap_socket', 'wrap_bio'):\n"
                        "        if hasattr(ssl.SSLContext, name):\n"
                        "            setattr(ssl.SSLContext, name, with_change(getattr(ssl.SSLContext, name)))\n\n"
                        "_change()\n"
                        "_here = os.path.dirname(os.path.abspath(__file__))\n"
                        "sys.path[:] = [p for p in sys.path if os.path.abspath(p) != _here]\n"
                        "_own = sys.modules.pop('sitecustomize', None)\n"
                        "try:\n"
                        "    import sitecustomize\n"
                        "except ImportError:\n"
                        "    sys.modules['sitecustomize'] = _own\n",
                        first_lines, indented(a, lines, "        "), more_lines);
}

bool by_python_module(const overlay_asked *q, overlay *out)
{
    if (q->client->runtime != RUNTIME_PYTHON || q->client->library.kind != LIBRARY_OPENSSL)
        return false;
    arena *a = q->arena;
    const char *name = q->wish->server_name, *lines, *more = "";
    if (name != NULL && wish_parts(q->wish) == WISH_SERVER_NAME) {
        lines = "pass\n";
        more = arena_printf(a, "            k['server_hostname'] = k.get('server_hostname') or '%s'\n", name);
    } else {
        lines = python_lines(q, out);
    }
    if (lines == NULL)
        return false;
    const char *before = process_variable(q->client->process, "PYTHONPATH");
    overlay_write(out, "sitecustomize.py", python_module(a, may_have_one_protocol(q) ? protocols_of_any_version : "", lines, more));
    overlay_set(out, "PYTHONPATH", overlay_list(a, OVERLAY_FOLDER, NULL, before, ":"));
    overlay_set(out, "PYTHONDONTWRITEBYTECODE", "1"); /* or the folder would not be empty afterwards */
    out->how = "a line that a module of ours adds to the program";
    const char *made_anew = "in place of a context of PROTOCOL_TLSv1 or its kind, ctx = ssl.create_default_context()\n";
    out->permanent = name == NULL
                         ? told(a, may_have_one_protocol(q) ? arena_printf(a, "%s%s", made_anew, lines) : lines)
                         : arena_printf(a, "To keep it, in the program itself: ctx.wrap_socket(sock, server_hostname='%s').", name);
    return true;
}

/* ---- Node.js
 * ------------------------------------------------------------------------------------------------------------------------ */

/* Options of tls.connect. Since 11.4 minVersion and maxVersion, since 12 sigalgs. */
static const char *node_lines(const overlay_asked *q, overlay *out)
{
    enum {
        CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_GROUPS | WISH_GROUPS_ONLY | WISH_SCHEMES | WISH_LEVEL |
              WISH_NO_DHE | WISH_NO_ALPN | WISH_LEGACY_SERVER | WISH_WITHOUT | WISH_TRUST | WISH_SERVER_NAME
    };
    const wish *w = q->wish;
    arena *a = q->arena;
    const char *lines = "", *bit = w->has_without ? option_bit(w->without) : NULL, *version = q->client->library.version;
    bool is_old = version == NULL || version_compare(version, "1.1.1") < 0;
    bool needs_new = w->version_max != 0 || w->version_min != 0 || w->schemes.num_codes > 0;
    if (!wish_is_within(w, CAN) || (w->has_without && bit == NULL) || (is_old && needs_new))
        return NULL;
    lines = line(a, lines, "o.minVersion = '", dialect_version(a, DIALECT_OPENSSL, w->version_min), "';");
    lines = line(a, lines, "o.maxVersion = '", dialect_version(a, DIALECT_OPENSSL, w->version_max), "';");
    const char *list = openssl_cipher_list(q, NULL), *of_tls13 = openssl_tls13_list(q, list);
    lines = line(a, lines, "o.ciphers = '", of_tls13 != NULL ? of_tls13 : list, "';");
    lines = line(a, lines, "o.ecdhCurve = '", openssl_group_list(q, is_old ? "P-256" : NULL), "';");
    lines = line(a, lines, "o.sigalgs = '", openssl_scheme_list(q, NULL), "';");
    lines = line(a, lines, "o.secureOptions |= ", w->legacy_server ? LEGACY_SERVER_BIT : bit, ";");
    lines = line(a, lines, "delete o.ALPNProtocols;", w->no_alpn ? "" : NULL, "");
    lines = line(a, lines, "o.servername = '", w->server_name, "';");
    if ((wish_parts(w) & WISH_TRUST) != 0)
        lines = line(a, lines, "o.ca = [].concat(o.ca || tls.rootCertificates || [], require('fs').readFileSync('",
                     overlay_trust_path(q, out), "'));");
    return lines[0] == 0 ? NULL : lines;
}

static const char *node_module(arena *a, const char *lines)
{
    return arena_printf(a,
                        "// Of tlswhy, for one run: what an option in the program itself would do.\n"
                        "'use strict';\n"
                        "var tls = require('tls'), connect = tls.connect;\n"
                        "function change(given) {\n"
                        "    var o = Object.assign({}, given);\n"
                        "    if (/Version/.test('%s')) delete o.secureProtocol;\n"
                        "%s"
                        "    delete o.secureContext;\n"
                        "    return o;\n"
                        "}\n"
                        "tls.connect = function () {\n"
                        "    var a = Array.prototype.slice.call(arguments), i = a.findIndex(function (x) {\n"
                        "        return x && typeof x === 'object';\n"
                        "    });\n"
                        "    if (i >= 0) a[i] = change(a[i]);\n"
                        "    return connect.apply(this, a);\n"
                        "};\n",
                        strstr(lines, "Version = ") != NULL ? "Version" : "", indented(a, lines, "    "));
}

/* The command itself is changed where NODE_OPTIONS is not read yet: before Node.js 8; --require is there since 4. */
bool by_node_module(const overlay_asked *q, overlay *out)
{
    const client *c = q->client;
    const char *version = c->library.version;
    if (c->runtime != RUNTIME_NODE || version == NULL || version_compare(version, "1.0.2") < 0)
        return false;
    const char *lines = node_lines(q, out);
    if (lines == NULL)
        return false;
    overlay_write(out, "tlswhy.js", node_module(q->arena, lines));
    overlay_set(
        out, "NODE_OPTIONS",
        overlay_list(q->arena, process_variable(c->process, "NODE_OPTIONS"), NULL, "--require " OVERLAY_FOLDER "/tlswhy.js", " "));
    out->how = "an option that a module of ours adds to the program's tls.connect";
    out->permanent =
        arena_printf(q->arena, "To keep it, in the program itself, as an option of tls.connect or https.request (o): %s",
                     overlay_one_line(q->arena, lines));
    return true;
}

/* ---- Perl
 * -------------------------------------------------------------------------------------------------------------------------- */

static const char *perl_lines(const overlay_asked *q, overlay *out)
{
    enum {
        CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_GROUPS | WISH_LEVEL | WISH_NO_DHE | WISH_NO_ALPN |
              WISH_SERVER_NAME | WISH_TRUST
    };
    const wish *w = q->wish;
    arena *a = q->arena;
    const char *lines = "", *versions = NULL;
    if (!wish_is_within(w, CAN) || openssl_tls13_list(q, NULL) != NULL)
        return NULL;
    for (uint16_t v = VERSION_TLS13; w->version_max != 0 && v > w->version_max; v--)
        versions = arena_printf(a, "%s:!%s", versions == NULL ? "SSLv23" : versions, dialect_version(a, DIALECT_PYTHON, v));
    if (w->version_min != 0 || (w->version_max != 0 && versions == NULL))
        versions = overlay_list(a, "SSLv23:!SSLv3", NULL, versions == NULL ? NULL : versions + strlen("SSLv23:"), ":");
    lines = line(a, lines, "SSL_version => '", versions, "',");
    lines = line(a, lines, "SSL_cipher_list => '", openssl_cipher_list(q, NULL), "',");
    lines = line(a, lines, "SSL_ecdh_curve => '", openssl_group_list(q, NULL), "',");
    lines = line(a, lines, "SSL_alpn_protocols => undef,", w->no_alpn ? "" : NULL, "");
    lines = line(a, lines, "SSL_hostname => '", w->server_name, "',");
    if ((wish_parts(w) & WISH_TRUST) != 0)
        lines = line(a, lines, "SSL_ca_file => '", overlay_trust_path(q, out), "',");
    return lines[0] == 0 ? NULL : lines;
}

bool by_perl_module(const overlay_asked *q, overlay *out)
{
    const char *lines = q->client->runtime == RUNTIME_PERL ? perl_lines(q, out) : NULL;
    if (lines == NULL)
        return false;
    arena *a = q->arena;
    const process_snapshot *p = q->client->process;
    overlay_write(out, "TlswhyRun.pm",
                  arena_printf(a,
                               "package TlswhyRun; # Of tlswhy, for one run: what arguments in the program itself would do.\n"
                               "use strict; no warnings;\n"
                               "if (eval { require IO::Socket::SSL; 1 }) {\n"
                               "    my $own = \\&IO::Socket::SSL::SSL_Context::new;\n"
                               "    *IO::Socket::SSL::SSL_Context::new = sub {\n"
                               "        my $class = shift;\n"
                               "        my %%given = @_ == 1 && ref $_[0] ? %%{$_[0]} : @_;\n"
                               "        return $own->($class, {%%given,\n%s        });\n"
                               "    };\n"
                               "    my $configure = \\&IO::Socket::SSL::configure_SSL;\n" /* the name is not the context's */
                               "    *IO::Socket::SSL::configure_SSL = sub {\n"
                               "        my ($self, $given) = @_;\n"
                               "        my %%ours = (\n%s        );\n"
                               "        $given->{SSL_hostname} = $ours{SSL_hostname} if $ours{SSL_hostname};\n"
                               "        return $configure->($self, $given);\n"
                               "    };\n"
                               "}\n1;\n",
                               indented(a, lines, "            "), indented(a, lines, "            ")));
    overlay_set(out, "PERL5LIB", overlay_list(a, OVERLAY_FOLDER, NULL, process_variable(p, "PERL5LIB"), ":"));
    overlay_set(out, "PERL5OPT", overlay_list(a, process_variable(p, "PERL5OPT"), NULL, "-MTlswhyRun", " "));
    out->how = "an argument that a module of ours adds to IO::Socket::SSL";
    out->permanent =
        arena_printf(a, "To keep it, in the program itself, as an argument of IO::Socket::SSL->new (LWP: ssl_opts): %s",
                     overlay_one_line(a, lines));
    return true;
}

/* ---- Ruby
 * -------------------------------------------------------------------------------------------------------------------------- */

static const char *ruby_lines(const overlay_asked *q, overlay *out)
{
    enum {
        CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_GROUPS | WISH_LEVEL | WISH_NO_DHE | WISH_NO_ALPN |
              WISH_LEGACY_SERVER | WISH_WITHOUT | WISH_TRUST
    };
    const wish *w = q->wish;
    arena *a = q->arena;
    const char *lines = "", *bit = w->has_without ? option_bit(w->without) : NULL;
    if (!wish_is_within(w, CAN) || (w->has_without && bit == NULL) || openssl_tls13_list(q, NULL) != NULL)
        return NULL;
    lines = line(a, lines, "ctx.min_version = OpenSSL::SSL::", dialect_version(a, DIALECT_RUBY, w->version_min), "_VERSION");
    lines = line(a, lines, "ctx.max_version = OpenSSL::SSL::", dialect_version(a, DIALECT_RUBY, w->version_max), "_VERSION");
    lines = line(a, lines, "ctx.ciphers = '", openssl_cipher_list(q, NULL), "'");
    lines = line(a, lines, "ctx.ecdh_curves = '", openssl_group_list(q, NULL), "'");
    lines = line(a, lines, "ctx.options |= ", w->legacy_server ? LEGACY_SERVER_BIT : bit, "");
    lines = line(a, lines, "ctx.alpn_protocols = nil", w->no_alpn ? "" : NULL, "");
    if ((wish_parts(w) & WISH_TRUST) != 0)
        lines = line(a, lines, "ctx.ca_file = '", overlay_trust_path(q, out), "'");
    return lines[0] == 0 ? NULL : lines;
}

bool by_ruby_module(const overlay_asked *q, overlay *out)
{
    const char *lines = q->client->runtime == RUNTIME_RUBY ? ruby_lines(q, out) : NULL;
    if (lines == NULL)
        return false;
    arena *a = q->arena;
    overlay_write(out, "tlswhy.rb",
                  arena_printf(a,
                               "# Of tlswhy, for one run: what a line in the program itself would do.\n"
                               "require 'openssl'\n"
                               "OpenSSL::SSL::SSLSocket.prepend(Module.new do\n"
                               "  def initialize(io, ctx = OpenSSL::SSL::SSLContext.new)\n"
                               "    unless ctx.frozen?\n%s    end\n"
                               "    super(io, ctx)\n"
                               "  end\n"
                               "end)\n",
                               indented(a, lines, "      ")));
    overlay_set(out, "RUBYOPT",
                overlay_list(a, process_variable(q->client->process, "RUBYOPT"), NULL, "-r" OVERLAY_FOLDER "/tlswhy.rb", " "));
    out->how = "a line that a module of ours adds to the program";
    out->permanent = told(a, lines);
    return true;
}

/* ---- PHP ------------------------------------------------------------------------------------------------------------------------
 */

/* STREAM_CRYPTO_METHOD_ANY_CLIENT has them all; each of these is one bit of it. */
static const char *php_methods(arena *a, uint16_t lowest, uint16_t highest)
{
    const char *list = NULL;
    for (uint16_t v = highest; v >= lowest; v--)
        list = overlay_list(a, list, NULL, arena_printf(a, "STREAM_CRYPTO_METHOD_%s_CLIENT", dialect_version(a, DIALECT_PHP, v)),
                            " | ");
    return list;
}

/* Options of a stream's context ("SSL context options" of PHP's manual). */
static const char *php_lines(const overlay_asked *q, overlay *out)
{
    enum { CAN = WISH_VERSION_MAX | WISH_VERSION_MIN | WISH_SUITES | WISH_LEVEL | WISH_NO_DHE | WISH_SERVER_NAME | WISH_TRUST };
    const wish *w = q->wish;
    arena *a = q->arena;
    const char *lines = "", *methods = NULL;
    if (!wish_is_within(w, CAN) || openssl_tls13_list(q, NULL) != NULL)
        return NULL;
    if (w->version_max != 0 || w->version_min != 0)
        methods = php_methods(a, w->version_min == 0 || w->version_min > VERSION_TLS12 ? VERSION_TLS12 : w->version_min,
                              w->version_max == 0 ? VERSION_TLS13 : w->version_max);
    lines = line(a, lines, "'crypto_method' => ", methods, ",");
    lines = line(a, lines, "'ciphers' => '", openssl_cipher_list(q, NULL), "',");
    lines = line(a, lines, "'SNI_enabled' => true, 'peer_name' => '", w->server_name, "',");
    if ((wish_parts(w) & WISH_TRUST) != 0)
        lines = line(a, lines, "'cafile' => '", overlay_trust_path(q, out), "',");
    return lines[0] == 0 ? NULL : lines;
}

/* What the command line gives with -r has no file before it. */
static bool php_has_script(const process_snapshot *p)
{
    for (size_t i = 1; p->argv != NULL && p->argv[0] != NULL && p->argv[i] != NULL; i++)
        if (strcmp(p->argv[i], "-r") == 0)
            return false;
    return true;
}

/* The default context alone can be set from outside: it is that of every call that is given none. An empty folder in the list is
 * the one that is compiled in. */
bool by_php_module(const overlay_asked *q, overlay *out)
{
    const process_snapshot *p = q->client->process;
    const char *lines = q->client->runtime == RUNTIME_PHP && php_has_script(p) ? php_lines(q, out) : NULL;
    if (lines == NULL)
        return false;
    arena *a = q->arena;
    const char *own = process_variable(p, "PHP_INI_SCAN_DIR");
    overlay_write(out, "tlswhy.php",
                  arena_printf(a,
                               "<?php // Of tlswhy, for one run: what a line in the program itself would do.\n"
                               "stream_context_set_default(['ssl' => [\n%s]]);\n",
                               indented(a, lines, "    ")));
    overlay_write(out, "tlswhy.ini", "auto_prepend_file = " OVERLAY_FOLDER "/tlswhy.php\n");
    overlay_set(out, "PHP_INI_SCAN_DIR", arena_printf(a, "%s:" OVERLAY_FOLDER, own == NULL ? "" : own));
    out->how = "an option that a file of ours adds to PHP's default stream context";
    out->permanent = arena_printf(a,
                                  "To keep it, in the program itself, before it connects: stream_context_set_default(['ssl' => "
                                  "[%s]]); or in the context of that call.",
                                  overlay_one_line(a, lines));
    return true;
}
