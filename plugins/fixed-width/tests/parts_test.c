/* A file that is read in several parts gives the same rows, also where a part ends within a line. */
#include <double.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const lf_ingest_plugin lf_plugin_ingest;

int main(void) {
    enum { LINES = 300000, WIDTH = 32 }; /* 9.6 MB, more than two parts */
    lfd_reset();
    lfd_config("{\"columns\": [{\"name\": \"n\", \"start\": 1, \"width\": 8, \"type\": \"int64\"},"
               "{\"name\": \"t\", \"start\": 9, \"width\": 23}]}");
    char *text = malloc((size_t)LINES * WIDTH + 1);
    for (int line = 0; line < LINES; line++) sprintf(text + (size_t)line * WIDTH, "%8d%-23d\n", line, -line);
    lfd_add_blob("file", text, (size_t)LINES * WIDTH);
    lf_output_list outputs = {0};
    LFD_CHECK(lf_plugin_ingest.run(&outputs) == NULL);
    lf_table_writer table = outputs.at[0].content.as.table;
    LFD_CHECK(lfd_rows(table) == LINES);
    for (int line = 0; line < LINES; line += 997) {
        LFD_SAME(lf_string(lfd_cell(table, (uint64_t)line, 0)), lf_c_string(lf_format("%d", line)));
        LFD_SAME(lf_string(lfd_cell(table, (uint64_t)line, 1)), lf_c_string(lf_format("%d", -line)));
    }
    return lfd_failures > 0;
}
