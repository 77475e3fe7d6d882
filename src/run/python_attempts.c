#include "run/python_attempts.h"

#include <string.h>

enum { ATTEMPTS_MAX = 16 };

/* A line for each way: name, result, detail, parted by tabs. For Python 2.6 to 3. */
static const char attempts_line[] =
    "import socket,ssl,sys,threading,time,warnings\n"
    "warnings.simplefilter('ignore')\n"
    "def context(name):\n"
    "  c=ssl.SSLContext(getattr(ssl,name))\n"
    "  c.verify_mode=ssl.CERT_REQUIRED\n"
    "  if hasattr(c,'check_hostname'): c.check_hostname=True\n"
    "  if hasattr(c,'load_default_certs'): c.load_default_certs()\n"
    "  else: c.set_default_verify_paths()\n"
    "  return c\n"
    "def default(): return ssl.create_default_context()\n"
    "def tls():\n"
    "  c=context('PROTOCOL_TLS' if hasattr(ssl,'PROTOCOL_TLS') else 'PROTOCOL_SSLv23')\n"
    "  c.options|=ssl.OP_NO_SSLv2|ssl.OP_NO_SSLv3\n"
    "  return c\n"
    "def only13():\n"
    "  c=ssl.create_default_context()\n"
    "  c.minimum_version=ssl.TLSVersion.TLSv1_3\n"
    "  return c\n"
    "ways=[('default context',default,['create_default_context']),\n"
    " ('PROTOCOL_TLS, OP_NO_SSLv2 | OP_NO_SSLv3',tls,['SSLContext','OP_NO_SSLv3'])]\n"
    "for n in ('PROTOCOL_TLSv1','PROTOCOL_TLSv1_1','PROTOCOL_TLSv1_2'):\n"
    "  ways.append((n,lambda n=n:context(n),['SSLContext',n]))\n"
    "ways.append(('TLS 1.3 only',only13,['create_default_context','TLSVersion','HAS_TLSv1_3']))\n"
    "said={}\n"
    "def attempt(name,make,needs):\n"
    "  for n in needs:\n"
    "    if not getattr(ssl,n,None):\n"
    "      said[name]='not tried\\tthis Python has no ssl.'+n\n"
    "      return\n"
    "  try:\n"
    "    c=make()\n"
    "    s=c.wrap_socket(socket.create_connection(('%ADDRESS%',%PORT%),4),server_hostname='%HOST%')\n"
    "    said[name]='works\\t'+s.cipher()[1]+', '+s.cipher()[0]\n"
    "    s.close()\n"
    "  except Exception:\n"
    "    said[name]='fails\\t'+str(sys.exc_info()[1]).replace('\\n',' ')\n"
    "threads=[threading.Thread(target=attempt,args=w) for w in ways]\n"
    "for t in threads:\n"
    "  t.start()\n"
    "  time.sleep(gap)\n"
    "for t in threads: t.join(6)\n"
    "for w in ways: sys.stdout.write(w[0]+'\\t'+said.get(w[0],'fails\\tno answer')+'\\n')\n"
    "has=[n for n in dir(ssl) if n.startswith('PROTOCOL_')]+['OP_NO_'+n for n in ('SSLv2','SSLv3','TLSv1','TLSv1_1','TLSv1_2',"
    "'TLSv1_3') if hasattr(ssl,'OP_NO_'+n)]\n"
    "if hasattr(ssl,'TLSVersion'): has+=['TLSVersion.'+v.name for v in ssl.TLSVersion if v.name[:1]!='M']\n"
    "sys.stdout.write('constants\\t\\t'+', '.join(has)+'\\n')\n";

char **python_attempts_arguments(arena *a, const char *program, const recipe_target *to, double gap)
{
    char **argv = ARENA_ARRAY(a, 4, char *);
    argv[0] = bytes_to_text(a, bytes_from_text(program));
    argv[1] = bytes_to_text(a, bytes_from_text("-c"));
    argv[2] = arena_printf(a, "gap=%.3f\n%s", gap, recipe_fill(a, attempts_line, to));
    return argv;
}

static bool result_of(const char *text, enum check_result *out)
{
    for (int i = CHECK_WORKS; i <= CHECK_NOT_TRIED; i++)
        if (strcmp(text, check_result_name((enum check_result)i)) == 0) {
            *out = (enum check_result)i;
            return true;
        }
    return false;
}

static void read_line(arena *a, bytes_view line, check_row *row)
{
    bytes_view name = bytes_until(line, '\t');
    bytes_view result = bytes_until(bytes_slice(line, name.len + 1, line.len), '\t');
    bytes_view detail = bytes_slice(line, name.len + result.len + 2, line.len);
    check_attempt attempt = {.name = bytes_to_text(a, name), .detail = bytes_to_text(a, detail)};
    if (strcmp(attempt.name, "constants") == 0)
        row->constants = attempt.detail;
    else if (row->num_attempts < ATTEMPTS_MAX && result_of(bytes_to_text(a, result), &attempt.result))
        row->attempts[row->num_attempts++] = attempt;
}

void python_attempts_read(arena *a, bytes_view printed, check_row *row)
{
    row->attempts = ARENA_ARRAY(a, ATTEMPTS_MAX, check_attempt);
    for (size_t at = 0; at < printed.len;) {
        bytes_view line = bytes_until(bytes_slice(printed, at, printed.len), '\n');
        read_line(a, line, row);
        at += line.len + 1;
    }
}
