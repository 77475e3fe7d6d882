#include "../with_arena.h"

#include "report/report.h"
#include <string.h>

static void an_ordinary_argument_is_shown(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "https://example.com/a?b=c", "-v"), "https://example.com/a?b=c");
}

static void the_word_after_a_password_option_is_hidden(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "me:hunter2", "-u"), "***");
    assert_string_equal(argument_for_display(a, "hunter2", "--password"), "***");
    assert_string_equal(argument_for_display(a, "--password=hunter2", NULL), "--password=***");
}

static void a_url_loses_its_user(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "https://me:hunter2@example.com/x@y", NULL), "https://***@example.com/x@y");
    assert_string_equal(argument_for_display(a, "https://example.com/x@y", NULL), "https://example.com/x@y");
}

static void a_header_that_authorizes_is_hidden(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "Authorization: Bearer abc.def", "-H"), "Authorization: ***");
    assert_string_equal(argument_for_display(a, "X-Api-Key: abc", "-H"), "X-Api-Key: ***");
}

static void a_token_in_a_query_is_hidden_and_the_rest_is_not(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "https://example.com/?access_token=abc&page=2", NULL),
                        "https://example.com/?access_token=***&page=2");
}

static void assert_hidden(arena *a, const char *argument, const char *expected)
{
    assert_string_equal(argument_for_display(a, argument, "-c"), expected);
}

static void a_password_with_an_at_sign_is_hidden_whole(void **state)
{
    assert_hidden(*state, "https://me:p@ss@example.com/", "https://***@example.com/");
}

static void user_and_password_before_a_host_without_scheme_are_hidden(void **state)
{
    assert_hidden(*state, "me:hunter2@proxy.example:3128", "***@proxy.example:3128");
    assert_hidden(*state, "git@example.com:team/project.git", "git@example.com:team/project.git");
    assert_hidden(*state, "example.com:443", "example.com:443");
}

static void every_secret_of_an_argument_is_hidden_not_only_the_first(void **state)
{
    assert_hidden(*state, "curl https://a:b@x.example; curl https://c:d@y.example",
                  "curl https://***@x.example; curl https://***@y.example");
    assert_hidden(*state, "/?token=abc&page=2&token=def", "/?token=***&page=2&token=***");
}

static void an_option_inside_a_shell_script_is_seen(void **state)
{
    assert_hidden(*state, "curl -u me:hunter2 https://x.example", "curl -u *** https://x.example");
    assert_hidden(*state, "curl --user 'me:hunter 2' -s https://x.example", "curl --user '***' -s https://x.example");
    assert_hidden(*state, "wget --password=hunter2 https://x.example", "wget --password=*** https://x.example");
}

static void an_option_grown_together_with_its_secret_is_seen(void **state)
{
    assert_hidden(*state, "-ume:hunter2", "-u***");
    assert_hidden(*state, "--password=hunter 2", "--password=***");
}

static void quoted_secrets_of_code_are_hidden(void **state)
{
    assert_hidden(*state, "c.load_cert_chain('a.pem', password='hunter2')", "c.load_cert_chain('a.pem', password='***')");
    assert_hidden(*state, "{\"password\": \"hunter2\", \"page\": 2}", "{\"password\": \"***\", \"page\": 2}");
    assert_hidden(*state, "h={'X': 'Bearer abcdefgh.ij'}", "h={'X': 'Bearer ***'}");
}

static void credentials_that_code_calls_with_are_hidden(void **state)
{
    static const char *const pairs[][2] = {
        {"get('https://x', auth=('me','hunter2'), verify=True)", "get('https://x', auth=(***), verify=True)"},
        {"get(u, auth=HTTPBasicAuth('me', 'a)b'))", "get(u, auth=HTTPBasicAuth(***))"},
        {"IMAP4_SSL('x').login('me', 'hunter2'); go()", "IMAP4_SSL('x').login(***); go()"},
        {"req.basic_auth 'me', 'hunter2'; go", "req.basic_auth ***; go"},
        {"open(u, http_basic_authentication: ['me','hunter2'])", "open(u, http_basic_authentication: [***])"},
        {"https.get({host:'x', auth:'me:hunter2'})", "https.get({host:'x', auth:'***'})"},
        {"{headers:{Authorization:'Basic '+btoa('me:hunter2')}}", "{headers:{Authorization:'***'+btoa(***)}}"},
        {"h={'Authorization': f'Bearer hunter2'}", "h={'Authorization': f'***'}"},
        {"h={Authorization:`Bearer hunter2`}", "h={Authorization:`***`}"},
        {"curl_setopt($c, CURLOPT_USERPWD, 'me:hunter2');", "curl_setopt($c, CURLOPT_USERPWD, '***');"},
        {"req.add_header('Authorization', 'hunter2')", "req.add_header('Authorization', '***')"},
        {"os.environ['PASSWORD'] = 'hunter2'", "os.environ['PASSWORD'] = '***'"},
        {"{:password => 'hunter2'}", "{:password => '***'}"},
        {"pw = 'hunter2'; go(pw)", "pw = '***'; go(pw)"},
        {"s=f(('example.com',443), author='x', mode='config')", "s=f(('example.com',443), author='x', mode='config')"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_hidden(*state, pairs[i][0], pairs[i][1]);
}

static void secrets_of_variables_and_of_addresses_are_hidden(void **state)
{
    static const char *const pairs[][2] = {
        {"PGPASSWORD=hunter2", "PGPASSWORD=***"},
        {"DB_PASS=hunter2", "DB_PASS=***"},
        {"REDISCLI_AUTH=hunter2", "REDISCLI_AUTH=***"},
        {"MYSQL_PWD=hunter2 mysql", "MYSQL_PWD=*** mysql"},
        {"https://x/?code=hunter2&state=1", "https://x/?code=***&state=1"},
        {"https://hooks.slack.com/services/T0/B0/hunter2", "https://hooks.slack.com/services/***"},
        {"x-functions-key: hunter2", "x-functions-key: ***"},
        {"deploy ghp_0123456789abcdef now", "deploy ghp_*** now"},
        {"--src-creds=me:hunter2", "--src-creds=***"},
        {"-Djavax.net.ssl.keyStorePassword=hunter2", "-Djavax.net.ssl.keyStorePassword=***"},
        {"mysql -u me -phunter2 -h x", "mysql -u *** -p*** -h x"},
        {"cd a; sshpass -p hunter2 sftp x", "cd a; sshpass -p *** sftp x"},
        {"mysql -h x; mkdir -p a/b", "mysql -h x; mkdir -p a/b"},
        {"sqlplus -S me/hunter2@x @a/b.sql", "sqlplus -S me/*** @a/b.sql"},
        {"composer config http-basic.repo.example me hunter2; ls a", "composer config http-basic.repo.example *** ***; ls a"},
        {"npm config set //x/:_authToken hunter2 --global", "npm config set //x/:_authToken *** --global"},
        {"restic --password-command 'echo hunter2' ls", "restic --password-command '***' ls"},
        {"msmtp --passwordeval=\"echo hunter2\" -a x", "msmtp --passwordeval=\"***\" -a x"},
        {"RESTIC_PASSWORD_COMMAND='echo hunter2' restic ls", "RESTIC_PASSWORD_COMMAND='***' restic ls"},
        {"export BORG_PASSCOMMAND=\"echo hunter2\"; borg list", "export BORG_PASSCOMMAND=\"***\"; borg list"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_hidden(*state, pairs[i][0], pairs[i][1]);
}

static void cookies_are_hidden_and_the_name_of_their_file_is_not(void **state)
{
    arena *a = *state;
    assert_string_equal(argument_for_display(a, "session=abc", "-b"), "***");
    assert_string_equal(argument_for_display(a, "cookies.txt", "-b"), "cookies.txt");
    assert_string_equal(argument_for_display(a, "--cookie=session=abc", NULL), "--cookie=***");
}

static void a_short_option_is_a_secret_where_its_program_says_so(void **state)
{
    static const struct {
        const char *argv[6];
        size_t at;
        const char *shown;
    } told[] = {
        {{"mysql", "-h", "db.example", "-phunter2"}, 3, "-p***"},
        {{"/usr/bin/mysqldump", "-p", "shop"}, 2, "shop"},
        {{"env", "A=b", "mariadb", "-phunter2"}, 3, "-p***"},
        {{"ldapsearch", "-x", "-w", "hunter2"}, 3, "***"},
        {{"ldapsearch", "-whunter2"}, 1, "-w***"},
        {{"redis-cli", "--tls", "-a", "hunter2"}, 3, "***"},
        {{"sshpass", "-p", "hunter2", "sftp"}, 2, "***"},
        {{"mosquitto_pub", "-u", "me", "-P", "hunter2"}, 4, "***"},
        {{"mosquitto_pub", "-p", "8883"}, 2, "8883"},
        {{"curl", "-w", "%{http_code}"}, 2, "%{http_code}"},
        {{"mkdir", "-p", "a/b"}, 2, "a/b"},
        {{"mysql"}, 0, "mysql"},
        {{"curl", "-sSu", "me:hunter2"}, 2, "***"},
        {{"curl", "--proxy-user", "me:hunter2"}, 2, "***"},
        {{"curl", "-bname=hunter2"}, 1, "-b***"},
        {{"curl", "-E", "cert.pem:hunter2"}, 2, "cert.pem:***"},
        {{"curl", "--cert", "cert.pem"}, 2, "cert.pem"},
        {{"docker", "login", "-p", "hunter2"}, 3, "***"},
        {{"docker", "run", "-p", "8080:80"}, 3, "8080:80"},
        {{"vault", "login", "hunter2"}, 2, "***"},
        {{"http", "-a", "me:hunter2", "x"}, 2, "***"},
        {{"keytool", "-srcstorepass", "hunter2"}, 2, "***"},
        {{"sqlplus", "me/hunter2@x"}, 1, "me/***"},
        {{"/opt/oracle/bin/impdp", "userid=me/hunter2", "full=y"}, 1, "userid=me/***"},
        {{"sqlplus", "/nolog", "@a/b.sql"}, 2, "@a/b.sql"},
        {{"curl", "me/hunter2@x"}, 1, "me/hunter2@x"},
        {{"composer", "config", "http-basic.x", "me", "hunter2"}, 3, "***"},
        {{"composer", "config", "http-basic.x", "me", "hunter2"}, 4, "***"},
        {{"composer", "config", "github-oauth.github.com", "hunter2", "--global"}, 3, "***"},
        {{"composer", "config", "github-oauth.github.com", "hunter2", "--global"}, 4, "--global"},
        {{"aws", "configure", "set", "aws_secret_access_key", "hunter2"}, 4, "***"},
        {{"git", "config", "user.name", "me"}, 3, "me"},
        {{"restic", "--password-command", "echo hunter2", "ls"}, 2, "***"},
        {{"msmtp", "--passwordeval=echo hunter2"}, 1, "--passwordeval=***"},
        {{"env", "A=b", "RESTIC_PASSWORD_COMMAND=echo hunter2", "restic"}, 2, "RESTIC_PASSWORD_COMMAND=***"},
        {{"env", "-i", "PGPASSWORD=hunter2 and more", "psql"}, 2, "PGPASSWORD=***"},
        {{"sh", "-c", "PGPASSWORD=hunter2 psql"}, 2, "PGPASSWORD=*** psql"},
        {{"openssl", "s_client", "-proxy_pass", "pass:hunter2"}, 3, "***"},
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        assert_string_equal(command_argument_for_display(*state, told[i].argv, told[i].at), told[i].shown);
}

static void ends_of_all_kinds_are_survived(void **state)
{
    arena *a = *state;
    static const char *const cut[] = {
        "",    "-",    "-u",      "-u ",     "--password", "--password=", "token=", "token='", "password: \"",
        "://", "://@", "x://a:b", "Bearer ", "@",          ":@",          "'",      "=",       "\xFFtoken=\xFE"};
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++)
        assert_non_null(argument_for_display(a, cut[i], NULL));
}

static void a_secret_past_what_is_shown_stays_out(void **state)
{
    arena *a = *state;
    const char *shown = argument_for_display(a, arena_printf(a, "password='%050000d'", 7), NULL);
    assert_string_equal(shown, "password='***");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(an_ordinary_argument_is_shown),
        WITH_ARENA(the_word_after_a_password_option_is_hidden),
        WITH_ARENA(a_url_loses_its_user),
        WITH_ARENA(a_header_that_authorizes_is_hidden),
        WITH_ARENA(a_token_in_a_query_is_hidden_and_the_rest_is_not),
        WITH_ARENA(a_password_with_an_at_sign_is_hidden_whole),
        WITH_ARENA(user_and_password_before_a_host_without_scheme_are_hidden),
        WITH_ARENA(every_secret_of_an_argument_is_hidden_not_only_the_first),
        WITH_ARENA(an_option_inside_a_shell_script_is_seen),
        WITH_ARENA(an_option_grown_together_with_its_secret_is_seen),
        WITH_ARENA(quoted_secrets_of_code_are_hidden),
        WITH_ARENA(credentials_that_code_calls_with_are_hidden),
        WITH_ARENA(secrets_of_variables_and_of_addresses_are_hidden),
        WITH_ARENA(cookies_are_hidden_and_the_name_of_their_file_is_not),
        WITH_ARENA(a_short_option_is_a_secret_where_its_program_says_so),
        WITH_ARENA(ends_of_all_kinds_are_survived),
        WITH_ARENA(a_secret_past_what_is_shown_stays_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
