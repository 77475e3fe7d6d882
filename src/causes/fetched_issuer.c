/* The words around an issuer that is missing: where it is to be had, and what --fetch brought. */
#include "causes/certificate.h"

static void tell_one(const facts *f, const fetched *one, verdict *v)
{
    certificate_summary first;
    if (one->problem != NULL) {
        verdict_add_detail(f->arena, v, arena_printf(f->arena, "Nothing could be fetched from %s: %s.", one->uri, one->problem));
        return;
    }
    if (one->num_certificates == 0 || !certificate_summarise(f->arena, one->certificates[0], &first))
        return;
    const char *more = one->num_certificates == 1 ? "" : arena_printf(f->arena, ", and %zu more", one->num_certificates - 1);
    verdict_add_detail(f->arena, v,
                       arena_printf(f->arena, "Fetched from %s: %s, issued by %s (SHA-256 %s)%s.", one->uri, first.subject,
                                    first.issuer, certificate_fingerprint(f->arena, one->certificates[0]), more));
}

void tell_where_issuer_is(const facts *f, const trust_finding *found, verdict *v)
{
    for (size_t i = 0; i < f->num_fetched; i++)
        tell_one(f, &f->fetched[i], v);
    if (f->num_fetched > 0 || found->aia == NULL)
        return;
    verdict_add_detail(f->arena, v,
                       arena_printf(f->arena, "The certificate says where its issuer is to be had: %s%s.", found->aia,
                                    found->to_be_had == NULL ? "" : " (with --fetch it is fetched from there, and tried)"));
}

/* By the form that was found there. An address that can be fetched has no quote in it: http_file_can_be_asked. */
static const remedy_row rows[] = {
    [ISSUER_DER] = {REMEDY_SERVER, NULL, NULL, "$ curl -sS '{file}' | openssl x509 -inform DER >> fullchain.pem", LOWERS_NONE},
    [ISSUER_PEM] = {REMEDY_SERVER, NULL, NULL, "$ curl -sS '{file}' >> fullchain.pem", LOWERS_NONE},
    [ISSUER_CMS_DER] = {REMEDY_SERVER, NULL, NULL, "$ curl -sS '{file}' | openssl pkcs7 -inform DER -print_certs >> fullchain.pem",
                        LOWERS_NONE},
    [ISSUER_CMS_PEM] = {REMEDY_SERVER, NULL, NULL, "$ curl -sS '{file}' | openssl pkcs7 -print_certs >> fullchain.pem",
                        LOWERS_NONE},
};

bool tell_fetched_remedy(const facts *f, verdict *v)
{
    static const char text[] =
        "Append what was fetched to the file of the server's certificate; with it the path was verified here, "
        "against the client's store.";
    bool any = false;
    for (size_t i = 0; i < f->num_fetched && f->judgement->missing != NULL; i++) {
        const fetched *one = &f->fetched[i];
        if (one->num_certificates == 0 || one->form == ISSUER_NONE)
            continue;
        verdict_add_remedy_rows_with(f, v, &rows[one->form], 1, &(remedy_given){.file = one->uri, .text = text});
        any = true;
    }
    return any;
}
