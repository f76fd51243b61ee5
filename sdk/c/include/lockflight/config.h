/* The config, typed. Every getter takes the list of problems and adds to it what is wrong, with the JSON pointer of the value,
 * so that a user learns of everything at once; it then answers something harmless. Look at the problems' length at the end. */
#ifndef LOCKFLIGHT_CONFIG_H
#define LOCKFLIGHT_CONFIG_H

#include "text.h"

/* What a value of the config is. */
typedef enum { LF_JSON_NULL, LF_JSON_BOOL, LF_JSON_NUMBER, LF_JSON_TEXT, LF_JSON_LIST, LF_JSON_OBJECT } lf_json_kind;

typedef struct lf_json lf_json;
/* A value of a JSON document, with its place. */
struct lf_json {
    lf_json_kind kind;
    lf_text pointer;       /* its place in the document, RFC 6901 */
    lf_text key;           /* its key, if it is a member of an object */
    lf_text text;          /* a text's value without escapes; a number's digits */
    double number;
    bool flag;
    LF_LIST(lf_json) items; /* of a list; the members of an object */
};

/* The stage's config, an object. */
const lf_json *lf_config(void);

/* Parses a JSON document (RFC 8259, at most 128 deep). NULL if it is none; `*error` then says why and where. */
const lf_json *lf_parse_json(lf_text text, lf_text *error);

/* An object's member; NULL if it has none of this name. */
const lf_json *lf_member(const lf_json *object, const char *key);

/* A text that has to be there. */
lf_text lf_need_text(const lf_json *object, const char *key, lf_problem_list *problems);
/* A text that may be left out. */
lf_text lf_text_or(const lf_json *object, const char *key, lf_text otherwise, lf_problem_list *problems);

/* A whole number from `least` to `most` that has to be there. */
int64_t lf_need_integer(const lf_json *object, const char *key, int64_t least, int64_t most, lf_problem_list *problems);
/* A whole number that may be left out. */
int64_t lf_integer_or(const lf_json *object, const char *key, int64_t otherwise, int64_t least, int64_t most,
                      lf_problem_list *problems);

/* A number from `least` to `most` that has to be there; use -INFINITY and INFINITY for no bound. */
double lf_need_number(const lf_json *object, const char *key, double least, double most, lf_problem_list *problems);
/* A number that may be left out. */
double lf_number_or(const lf_json *object, const char *key, double otherwise, double least, double most,
                    lf_problem_list *problems);

/* True or false; may be left out. */
bool lf_flag_or(const lf_json *object, const char *key, bool otherwise, lf_problem_list *problems);

/* One of `count` words, as its index; may be left out. */
size_t lf_choice_or(const lf_json *object, const char *key, const char *const *words, size_t count, size_t otherwise,
                    lf_problem_list *problems);

/* A list that has to be there and has at least one item; each item has to be of `kind`. NULL if it is not so. */
const lf_json *lf_need_list(const lf_json *object, const char *key, lf_json_kind kind, lf_problem_list *problems);
/* A list that may be left out: then NULL. */
const lf_json *lf_list_or_none(const lf_json *object, const char *key, lf_json_kind kind, lf_problem_list *problems);

/* Complains of every member whose name is not one of `known`. Without this, misspelt keys go unseen. */
void lf_no_other_keys(const lf_json *object, const char *const *known, size_t count, lf_problem_list *problems);

/* As above, with the names as arguments: LF_ONLY_KEYS(config, problems, "columns", "input"). */
#define LF_ONLY_KEYS(object, problems, ...)                                                               \
    lf_no_other_keys(object, (const char *const[]){__VA_ARGS__},                                          \
                     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *), problems)

#endif
