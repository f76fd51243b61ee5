#include <double.h>
#include <string.h>

extern const lf_ingest_plugin lf_plugin_ingest;

static const lf_failure *read(const char *text, lf_output_list *outputs) {
    lfd_reset();
    lfd_config("{\"column\": \"mass\"}");
    lfd_add_blob("file", text, strlen(text));
    return lf_plugin_ingest.run(outputs);
}

int main(void) {
    lf_output_list outputs = {0};
    LFD_CHECK(read("1.5\n\n-2\n", &outputs) == NULL);
    lf_table_writer table = outputs.at[0].content.as.table;
    LFD_CHECK(lfd_rows(table) == 2);
    LFD_SAME(lf_string(lfd_cell(table, 1, 0)), "-2");
    const lf_failure *failure = read("1\nmuch\n", &(lf_output_list){0});
    LFD_CHECK(failure != NULL);
    LFD_SAME(failure->as.data, "line 2: \"much\" is no number");
    return lfd_failures > 0;
}
