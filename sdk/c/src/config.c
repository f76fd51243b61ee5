#include "abi.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

const lf_json *lf_config(void) {
    static const lf_json *config;
    static lf_text text;
    lf_text now;
    lf_host_config(&now);
    if (config && lf_same(now, text)) return config;
    lf_text error;
    config = lf_parse_json(text = now, &error);
    if (!config) lf_die("the host's config is no JSON: " LF_TEXT_FORMAT, LF_TEXT(error));
    return config;
}

static const char *name_of(lf_json_kind kind) {
    static const char *const names[] = {"null", "true or false", "a number", "a text", "a list", "an object"};
    return names[kind];
}

/* The member if it is there and of the kind; otherwise NULL, with a problem unless it is missing and may be. */
static const lf_json *find(const lf_json *object, const char *key, lf_json_kind kind, bool needed, lf_problem_list *problems) {
    const lf_json *value = lf_member(object, key);
    if (!value) {
        if (needed)
            lf_problem_config(problems, object ? object->pointer : LF_LIT(""), (lf_maybe_text){0}, "`%s` is missing; it has to be %s",
                              key, name_of(kind));
        return NULL;
    }
    if (value->kind == kind) return value;
    lf_problem_config(problems, value->pointer, (lf_maybe_text){0}, "it has to be %s, not %s", name_of(kind), name_of(value->kind));
    return NULL;
}

lf_text lf_need_text(const lf_json *object, const char *key, lf_problem_list *problems) {
    const lf_json *value = find(object, key, LF_JSON_TEXT, true, problems);
    return value ? value->text : LF_LIT("");
}

lf_text lf_text_or(const lf_json *object, const char *key, lf_text otherwise, lf_problem_list *problems) {
    const lf_json *value = find(object, key, LF_JSON_TEXT, false, problems);
    return value ? value->text : otherwise;
}

static int64_t integer(const lf_json *value, int64_t otherwise, int64_t least, int64_t most, lf_problem_list *problems) {
    if (!value) return otherwise;
    char *end;
    errno = 0;
    long long number = strtoll(lf_c_string(value->text), &end, 10);
    if (*end || errno) {
        /* 1e3 and 2.0 are whole numbers too. */
        if (value->number != floor(value->number) || fabs(value->number) > 9007199254740992.0) {
            lf_problem_config(problems, value->pointer, (lf_maybe_text){0}, "it has to be a whole number");
            return otherwise;
        }
        number = (long long)value->number;
    }
    if (number >= least && number <= most) return number;
    if (most == INT64_MAX)
        lf_problem_config(problems, value->pointer, (lf_maybe_text){0}, "%lld is out of range; it has to be at least %lld", number,
                          (long long)least);
    else
        lf_problem_config(problems, value->pointer, (lf_maybe_text){0}, "%lld is out of range; it has to be from %lld to %lld",
                          number, (long long)least, (long long)most);
    return otherwise;
}

int64_t lf_need_integer(const lf_json *object, const char *key, int64_t least, int64_t most, lf_problem_list *problems) {
    return integer(find(object, key, LF_JSON_NUMBER, true, problems), least, least, most, problems);
}

int64_t lf_integer_or(const lf_json *object, const char *key, int64_t otherwise, int64_t least, int64_t most,
                      lf_problem_list *problems) {
    return integer(find(object, key, LF_JSON_NUMBER, false, problems), otherwise, least, most, problems);
}

static double number(const lf_json *value, double otherwise, double least, double most, lf_problem_list *problems) {
    if (!value) return otherwise;
    if (value->number >= least && value->number <= most) return value->number;
    lf_problem_config(problems, value->pointer, (lf_maybe_text){0}, "%g is out of range; it has to be from %g to %g", value->number,
                      least, most);
    return otherwise;
}

double lf_need_number(const lf_json *object, const char *key, double least, double most, lf_problem_list *problems) {
    return number(find(object, key, LF_JSON_NUMBER, true, problems), least, least, most, problems);
}

double lf_number_or(const lf_json *object, const char *key, double otherwise, double least, double most,
                    lf_problem_list *problems) {
    return number(find(object, key, LF_JSON_NUMBER, false, problems), otherwise, least, most, problems);
}

bool lf_flag_or(const lf_json *object, const char *key, bool otherwise, lf_problem_list *problems) {
    const lf_json *value = find(object, key, LF_JSON_BOOL, false, problems);
    return value ? value->flag : otherwise;
}

/* The words as texts. */
static lf_text *texts(const char *const *words, size_t count) {
    lf_text *made = lf_alloc(count * sizeof *made);
    for (size_t i = 0; i < count; i++) made[i] = lf_string(words[i]);
    return made;
}

/* `one`, `two` or `three`. */
static lf_text listed(const char *const *words, size_t count) {
    lf_text list = LF_LIT("");
    for (size_t i = 0; i < count; i++)
        list = lf_format(LF_TEXT_FORMAT "%s`%s`", LF_TEXT(list), i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
    return list;
}

size_t lf_choice_or(const lf_json *object, const char *key, const char *const *words, size_t count, size_t otherwise,
                    lf_problem_list *problems) {
    const lf_json *value = find(object, key, LF_JSON_TEXT, false, problems);
    if (!value) return otherwise;
    for (size_t i = 0; i < count; i++)
        if (lf_is(value->text, words[i])) return i;
    lf_text list = listed(words, count);
    lf_problem_config(problems, value->pointer, lf_suggest(value->text, texts(words, count), count),
                      "\"" LF_TEXT_FORMAT "\" is not one of " LF_TEXT_FORMAT, LF_TEXT(value->text), LF_TEXT(list));
    return otherwise;
}

static const lf_json *list(const lf_json *list, lf_json_kind kind, lf_problem_list *problems) {
    if (!list) return NULL;
    if (!list->items.length) {
        lf_problem_config(problems, list->pointer, (lf_maybe_text){0}, "the list is empty");
        return NULL;
    }
    bool fine = true;
    for (size_t i = 0; i < list->items.length; i++) {
        const lf_json *item = &list->items.at[i];
        if (item->kind == kind) continue;
        fine = false;
        lf_problem_config(problems, item->pointer, (lf_maybe_text){0}, "it has to be %s, not %s", name_of(kind), name_of(item->kind));
    }
    return fine ? list : NULL;
}

const lf_json *lf_need_list(const lf_json *object, const char *key, lf_json_kind kind, lf_problem_list *problems) {
    return list(find(object, key, LF_JSON_LIST, true, problems), kind, problems);
}

const lf_json *lf_list_or_none(const lf_json *object, const char *key, lf_json_kind kind, lf_problem_list *problems) {
    return list(find(object, key, LF_JSON_LIST, false, problems), kind, problems);
}

void lf_no_other_keys(const lf_json *object, const char *const *known, size_t count, lf_problem_list *problems) {
    for (size_t i = 0; i < object->items.length; i++) {
        const lf_json *member = &object->items.at[i];
        bool is_known = false;
        for (size_t k = 0; k < count; k++) is_known |= lf_is(member->key, known[k]);
        if (!is_known)
            lf_problem_config(problems, member->pointer, lf_suggest(member->key, texts(known, count), count),
                              "there is no key `" LF_TEXT_FORMAT "`", LF_TEXT(member->key));
    }
}
