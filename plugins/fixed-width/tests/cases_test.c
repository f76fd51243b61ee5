/* Each tests/cases/NAME.json is a config, NAME.txt the file, NAME.expected the table or what was wrong. LOCKFLIGHT_BLESS=1 writes the
 * last. */
#include <dirent.h>
#include <double.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const lf_ingest_plugin lf_plugin_ingest;

static lf_text file(const char *name, const char *end) {
    FILE *file = fopen(lf_c_string(lf_format("tests/cases/%s.%s", name, end)), "rb");
    if (!file) return LF_LIT("");
    char *bytes = malloc(1 << 20);
    size_t length = fread(bytes, 1, (1 << 20) - 1, file);
    bytes[length] = 0;
    fclose(file);
    return (lf_text){bytes, length};
}

static lf_text table_as_text(const lf_schema *schema, lf_table_writer table) {
    lf_text all = LF_LIT("");
    for (size_t i = 0; i < schema->fields.length; i++) {
        lf_field *field = &schema->fields.at[i];
        all = lf_format(LF_TEXT_FORMAT "%s" LF_TEXT_FORMAT ":" LF_TEXT_FORMAT "%s", LF_TEXT(all), i ? " | " : "", LF_TEXT(field->name),
                        LF_TEXT(field->format), field->nullable ? "" : "!");
    }
    for (uint64_t row = 0; row < lfd_rows(table); row++)
        for (size_t i = 0; i < schema->fields.length; i++)
            all = lf_format(LF_TEXT_FORMAT "%s%s", LF_TEXT(all), i ? " | " : "\n", lfd_cell(table, row, i));
    return lf_format(LF_TEXT_FORMAT "\n", LF_TEXT(all));
}

static lf_text outcome(const char *name) {
    lfd_reset();
    lfd_config(lf_c_string(file(name, "json")));
    lf_text text = file(name, "txt");
    lfd_add_blob("file", text.at, text.length);
    lf_port_list ports = {0};
    lf_problem_list problems = {0};
    lf_plugin_ingest.check(&ports, &problems);
    if (problems.length) return lfd_problems(problems);
    lf_output_list outputs = {0};
    const lf_failure *why = lf_plugin_ingest.run(&outputs);
    if (why) return lf_format("failed: " LF_TEXT_FORMAT "\n", LF_TEXT(why->as.data));
    return table_as_text(&ports.at[0].schema.value, outputs.at[0].content.as.table);
}

int main(void) {
    struct dirent **entries;
    int count = scandir("tests/cases", &entries, NULL, alphasort), cases = 0;
    for (int i = 0; i < count; i++) {
        char *end = strstr(entries[i]->d_name, ".json");
        if (!end) continue;
        *end = 0;
        cases++;
        lf_text got = outcome(entries[i]->d_name), expected = file(entries[i]->d_name, "expected");
        if (getenv("LOCKFLIGHT_BLESS")) {
            FILE *to = fopen(lf_c_string(lf_format("tests/cases/%s.expected", entries[i]->d_name)), "wb");
            fwrite(got.at, 1, got.length, to);
            fclose(to);
        } else {
            if (!lf_same(got, expected)) printf("case %s:\n", entries[i]->d_name);
            LFD_SAME(got, lf_c_string(expected));
        }
    }
    LFD_CHECK(cases >= 8);
    return lfd_failures > 0;
}
