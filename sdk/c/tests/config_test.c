/* JSON and the typed getters. */
#include <double.h>
#include <math.h>
#include <string.h>

static void json_is_read(void) {
    lf_text error;
    const lf_json *json = lf_parse_json(LF_LIT(" {\"a/b\": [1, -2.5e3, true, null, \"x\\u00e9\\ud83d\\ude00\\n\"], \"~\": {}} "), &error);
    LFD_CHECK(json && json->kind == LF_JSON_OBJECT && json->items.length == 2);
    const lf_json *list = lf_member(json, "a/b");
    LFD_CHECK(list->items.length == 5 && list->items.at[1].number == -2500 && list->items.at[2].flag);
    LFD_CHECK(list->items.at[3].kind == LF_JSON_NULL);
    LFD_SAME(list->items.at[4].text, "xé😀\n");
    LFD_SAME(list->items.at[4].pointer, "/a~1b/4");
    LFD_SAME(lf_member(json, "~")->pointer, "/~0");
    LFD_CHECK(lf_member(json, "b") == NULL && lf_member(NULL, "b") == NULL);
}

static void broken_json_is_refused(void) {
    static const char *const broken[] = {"",          "{",  "[1,]", "{\"a\" 1}", "{\"a\":1,}", "\"a", "\"\n\"", "\"\\x\"", "\"\\ud800\"",
                                         "\"\\u12",   "01", "-",    "1.",        "1e",         "tru", "1 2",    "\"\\"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        lf_text error = {0};
        LFD_CHECK(lf_parse_json(lf_string(broken[i]), &error) == NULL && error.length > 0);
    }
    char deep[300];
    memset(deep, '[', sizeof deep);
    lf_text error;
    LFD_CHECK(lf_parse_json((lf_text){deep, sizeof deep}, &error) == NULL);
}

static void getters_tell_all_problems(void) {
    lfd_reset();
    lfd_config("{\"name\": 1, \"width\": 0, \"share\": 2, \"flag\": \"yes\", \"method\": \"mda\", \"list\": [1, \"a\"], \"none\": [], "
               "\"naem\": 1}");
    lf_problem_list problems = {0};
    const lf_json *config = lf_config();
    static const char *const methods[] = {"mad", "iqr", "sd"};
    lf_need_text(config, "name", &problems);
    lf_need_text(config, "title", &problems);
    lf_need_integer(config, "width", 1, 8, &problems);
    lf_number_or(config, "share", 0.5, 0, 1, &problems);
    lf_flag_or(config, "flag", false, &problems);
    LFD_CHECK(lf_choice_or(config, "method", methods, 3, 1, &problems) == 1);
    LFD_CHECK(lf_need_list(config, "list", LF_JSON_TEXT, &problems) == NULL);
    LFD_CHECK(lf_need_list(config, "none", LF_JSON_TEXT, &problems) == NULL);
    LF_ONLY_KEYS(config, &problems, "name", "width", "share", "flag", "method", "list", "none");
    LFD_SAME(lfd_problems(problems),
             "/name: it has to be a text, not a number\n"
             ": `title` is missing; it has to be a text\n"
             "/width: 0 is out of range; it has to be from 1 to 8\n"
             "/share: 2 is out of range; it has to be from 0 to 1\n"
             "/flag: it has to be true or false, not a text\n"
             "/method: \"mda\" is not one of `mad`, `iqr` or `sd` (did you mean \"mad\"?)\n"
             "/list/0: it has to be a text, not a number\n"
             "/none: the list is empty\n"
             "/naem: there is no key `naem` (did you mean \"name\"?)\n");
}

static void misspelt_keys_get_a_suggestion(void) {
    lfd_reset();
    lfd_config("{\"widht\": 1, \"ok\": 2}");
    lf_problem_list problems = {0};
    LF_ONLY_KEYS(lf_config(), &problems, "width", "on");
    LFD_SAME(lfd_problems(problems), "/widht: there is no key `widht` (did you mean \"width\"?)\n/ok: there is no key `ok` (did you mean \"on\"?)\n");
}

static void getters_answer_values(void) {
    lfd_reset();
    lfd_config("{\"a\": 9223372036854775807, \"b\": 2e1, \"c\": 0.25, \"d\": true, \"e\": [\"x\"]}");
    lf_problem_list problems = {0};
    const lf_json *config = lf_config();
    LFD_CHECK(lf_need_integer(config, "a", 0, INT64_MAX, &problems) == INT64_MAX);
    LFD_CHECK(lf_integer_or(config, "b", 0, 0, 100, &problems) == 20);
    LFD_CHECK(lf_integer_or(config, "z", 7, 0, 100, &problems) == 7);
    LFD_CHECK(lf_need_number(config, "c", -INFINITY, INFINITY, &problems) == 0.25);
    LFD_CHECK(lf_flag_or(config, "d", false, &problems));
    LFD_CHECK(lf_need_list(config, "e", LF_JSON_TEXT, &problems)->items.length == 1);
    LFD_CHECK(lf_list_or_none(config, "z", LF_JSON_TEXT, &problems) == NULL);
    LFD_SAME(lf_text_or(config, "z", LF_LIT("other"), &problems), "other");
    LFD_CHECK(problems.length == 0);
    lf_integer_or(config, "c", 0, 0, 1, &problems);
    LFD_SAME(lfd_problems(problems), "/c: it has to be a whole number\n");
}

int main(void) {
    json_is_read();
    broken_json_is_refused();
    getters_tell_all_problems();
    misspelt_keys_get_a_suggestion();
    getters_answer_values();
    return lfd_failures > 0;
}
