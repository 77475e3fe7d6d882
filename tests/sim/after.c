/*
 * The world after the hellos: draws scenes, lets the engine tell their cause, and counts how often it is right.
 *
 *   after [--seed N] [--scenes N] [--scene K] [--until-wrong]
 *
 * A scene's seed follows from the run's seed and its number; `--scene K` shows one alone. --until-wrong ends with the first scene
 * that is told wrongly.
 */
#include "after.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WRONG_SHOWN_MAX = 20, CONNECTIONS_MAX = 40, TRUTHS_MAX = 64 };

typedef struct settings {
    uint64_t seed;
    size_t num_scenes, scene;
    bool has_scene, until_wrong;
} settings;

typedef struct score {
    const char *truth;
    size_t right, wrong, unknown;
} score;

static const verdict *diagnose(arena *a, scene *s, dice *chance, size_t *num_connections)
{
    const diagnosis_tools tools = {.random_bytes = dice_bytes, .user = chance};
    diagnosis *d = diagnosis_new(a, &s->given, &tools);
    const wanted_probe *wave;
    for (size_t num = diagnosis_next_wave(d, &wave); num > 0; num = diagnosis_next_wave(d, &wave)) {
        answer *answers = ARENA_ARRAY(a, num, answer);
        for (size_t i = 0; i < num; i++)
            answers[i] = scene_answer(a, s, &wave[i]);
        *num_connections += num;
        diagnosis_feed(d, answers, num);
    }
    return diagnosis_verdict(d);
}

/* Proof and cause fit each other, and what was not read is never said to have been observed. */
static const char *flaw_of(const scene *s, const verdict *v)
{
    bool is_unknown = strcmp(v->cause, "unknown") == 0;
    bool is_encrypted = s->failed.has_encrypted_alert[SIDE_CLIENT] || s->style == STYLE_SILENT;
    bool is_on_certificate = strncmp(v->cause, "cert-", 5) == 0 || strncmp(v->cause, "trust-", 6) == 0;
    if (is_unknown != (v->proof == PROOF_NONE))
        return "cause and proof do not fit each other";
    if (v->headline == NULL || v->headline[0] == '\0')
        return "no headline";
    return is_on_certificate && is_encrypted && v->proof == PROOF_OBSERVED
               ? "observed, though the client's reason could not be read"
               : NULL;
}

/* Returns whether it was told rightly, or at least not wrongly. */
static bool run_scene(const pool *p, const settings *set, size_t number, score *scores, size_t *shown, size_t *num_flawed)
{
    dice seeds = {.state = set->seed * 1000003u + number * 1009u};
    uint64_t seed = dice_next(&seeds);
    dice chance = {.state = seed ^ 0x5eed};
    arena *a = arena_new();
    scene *s = ARENA_NEW(a, scene);
    size_t num_connections = 0;
    scene_draw(a, p, seed, number, s);
    const verdict *v = diagnose(a, s, &chance, &num_connections);
    bool is_right = strcmp(v->cause, s->truth) == 0;
    const char *flaw = num_connections > CONNECTIONS_MAX ? "too many connections" : flaw_of(s, v);
    score *of = &scores[number % num_truths()];
    of->truth = s->truth; /* a literal */
    of->right += is_right;
    of->unknown += !is_right && strcmp(v->cause, "unknown") == 0;
    of->wrong += !is_right && strcmp(v->cause, "unknown") != 0;
    *num_flawed += flaw != NULL;
    if (set->has_scene || ((!is_right || flaw != NULL) && (*shown)++ < WRONG_SHOWN_MAX))
        printf("scene %zu (--seed %llu --scene %zu): truth %s, version %04x, style %d; said %s: %s%s%s\n", number,
               (unsigned long long)set->seed, number, s->truth, s->version, s->style, v->cause, v->headline,
               flaw == NULL ? "" : "; flaw: ", flaw == NULL ? "" : flaw);
    bool is_wrong = flaw != NULL || (!is_right && strcmp(v->cause, "unknown") != 0);
    arena_free(a);
    return !is_wrong;
}

static bool read_settings(int argc, char **argv, settings *out)
{
    *out = (settings){.seed = 1, .num_scenes = 5000};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--until-wrong") == 0) {
            out->until_wrong = true;
            continue;
        }
        const char *name = argv[i++];
        if (i == argc)
            return false;
        uint64_t value = strtoull(argv[i], NULL, 10);
        if (strcmp(name, "--seed") == 0) {
            out->seed = value;
        } else if (strcmp(name, "--scenes") == 0 || strcmp(name, "--pairs") == 0) {
            out->num_scenes = value;
        } else if (strcmp(name, "--scene") == 0) {
            out->has_scene = true;
            out->scene = value;
        } else {
            return false;
        }
    }
    return true;
}

/* Steady scenes: never wrong, hardly ever unknown. */
static int judge(const score *scores, size_t num_flawed)
{
    score all = {.truth = "steady"};
    for (size_t i = 0; i < num_truths(); i++) {
        const score *s = &scores[i];
        size_t num = s->right + s->wrong + s->unknown;
        if (num > 0)
            printf("%-32s %6zu  right %6zu  wrong %4zu  unknown %4zu\n", s->truth, num, s->right, s->wrong, s->unknown);
        all.right += s->right;
        all.wrong += s->wrong;
        all.unknown += s->unknown;
    }
    size_t num = all.right + all.wrong + all.unknown;
    printf("%-32s %6zu  right %6zu  wrong %4zu  unknown %4zu  flawed %zu\n", all.truth, num, all.right, all.wrong, all.unknown,
           num_flawed);
    bool good = all.wrong == 0 && num_flawed == 0 && all.unknown * 100 <= num;
    printf("%s\n", good ? "the engine is as good as it has to be" : "the engine is NOT as good as it has to be");
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    settings set;
    static score scores[TRUTHS_MAX];
    size_t shown = 0, num_flawed = 0;
    if (!read_settings(argc, argv, &set)) {
        fprintf(stderr, "usage: after [--seed N] [--scenes N] [--scene K] [--until-wrong]\n");
        return 2;
    }
    arena *a = arena_new();
    pool p;
    pool_make(a, &p);
    if (set.has_scene)
        (void)run_scene(&p, &set, set.scene, scores, &shown, &num_flawed);
    for (size_t i = 0; !set.has_scene && i < set.num_scenes; i++)
        if (!run_scene(&p, &set, i, scores, &shown, &num_flawed) && set.until_wrong)
            break;
    int status = set.has_scene ? 0 : judge(scores, num_flawed);
    arena_free(a);
    return status;
}
