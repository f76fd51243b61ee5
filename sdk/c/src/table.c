#include "abi.h"

#include <string.h>

lf_table lf_open_table(lf_text name) { return lf_host_open_table(name.at, name.length); }

const lf_schema *lf_table_schema(lf_table table) {
    lf_schema *schema = lf_alloc(sizeof *schema);
    lf_host_table_schema(table, schema);
    return schema;
}

uint64_t lf_table_rows(lf_table table) { return lf_host_table_rows(table); }

void lf_close_table(lf_table table) { lf_host_drop_table(table); }

/* The position behind a field and all that belongs to it. */
static size_t behind(const lf_field_list *fields, size_t at) {
    size_t end = at + 1;
    for (uint32_t child = 0; child < fields->at[at].children; child++) end = behind(fields, end);
    return end;
}

size_t lf_find_field(const lf_field_list *fields, lf_text name) {
    for (size_t at = 0; at < fields->length; at = behind(fields, at))
        if (lf_same(fields->at[at].name, name)) return at;
    return SIZE_MAX;
}

struct lf_scan {
    int32_t batches;
    bool is_open;
    lf_field_list fields;
    lf_batch batch;
    lf_rows rows;
};

static lf_scan *start(lf_table table, const lf_text *names, size_t count, uint32_t max_rows, lf_field_list fields) {
    lf_scan *scan = lf_alloc(sizeof *scan);
    scan->batches = lf_host_table_scan(table, names != NULL, names, count, max_rows);
    scan->is_open = true;
    scan->fields = fields;
    return scan;
}

lf_scan *lf_scan_table(lf_table table, uint32_t max_rows) {
    return start(table, NULL, 0, max_rows, lf_table_schema(table)->fields);
}

lf_scan *lf_scan_columns(lf_table table, const lf_text *names, size_t count, uint32_t max_rows) {
    const lf_field_list *all = &lf_table_schema(table)->fields;
    lf_field_list fields = {0};
    for (size_t i = 0; i < count; i++) {
        size_t at = lf_find_field(all, names[i]);
        if (at == SIZE_MAX) lf_die("the table has no column `" LF_TEXT_FORMAT "`", LF_TEXT(names[i]));
        for (size_t end = behind(all, at); at < end; at++) LF_ADD(&fields, all->at[at]);
    }
    static const lf_text none;
    return start(table, names ? names : &none, count, max_rows, fields);
}

const lf_rows *lf_next(lf_scan *scan) {
    if (!scan->is_open) return NULL;
    lf_free_batch(&scan->batch);
    lf_maybe_batch next;
    lf_host_next(scan->batches, &next);
    if (!next.is) {
        lf_close_scan(scan);
        return NULL;
    }
    scan->batch = next.value;
    scan->rows = (lf_rows){.count = next.value.rows,
                           .fields = &scan->fields,
                           .columns = next.value.columns.at,
                           .width = next.value.columns.length};
    return &scan->rows;
}

void lf_close_scan(lf_scan *scan) {
    if (!scan->is_open) return;
    scan->is_open = false;
    lf_free_batch(&scan->batch);
    lf_host_drop_batches(scan->batches);
}
