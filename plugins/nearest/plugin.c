/* k nearest neighbours: the mean target of the training rows that are nearest (Euclidean distance). */
#include <math.h>
#include <string.h>

#include "config.h"
#include "state.h"

/* -- fitting -- */

static void schemas(const config *config, const lf_field_list *used, lf_schema *takes, lf_schema *gives) {
    for (size_t i = 1; i < used->length; i++)
        lf_add_field(takes, used->at[i].name, lf_c_string(used->at[i].format), true);
    lf_add_field(gives, config->prediction, "g", true);
}

static void check(lf_port_list *ports, lf_problem_list *problems) {
    config config = read_config(lf_config(), problems);
    const lf_input *input = lf_need_input("table", LF_PORT_KIND_TABLE, problems);
    static lf_schema takes, gives;
    bool known = input && input->port.schema.is && !problems->length;
    if (known) {
        lf_field_list used = used_fields(&config, &input->port.schema.value, problems);
        schemas(&config, &used, &takes, &gives);
    }
    lf_add_table_port(ports, "takes", known ? &takes : NULL);
    lf_add_table_port(ports, "gives", known ? &gives : NULL);
}

/* The columns of a batch as rows of float64, one after the other; rows without a value somewhere are left out. */
static size_t whole_rows(const lf_rows *rows, double *into) {
    double *columns = lf_alloc(rows->count * rows->width * sizeof *columns);
    for (size_t column = 0; column < rows->width; column++) lf_as_f64(rows, column, NULL, columns + column * rows->count);
    size_t kept = 0;
    for (uint32_t row = 0; row < rows->count; row++) {
        bool whole = true;
        for (size_t column = 0; column < rows->width; column++) {
            double value = columns[column * rows->count + row];
            into[kept * rows->width + column] = value;
            whole = whole && isfinite(value);
        }
        kept += whole;
    }
    return kept;
}

static const lf_failure *fit(lf_fitted *fitted) {
    lf_problem_list problems = {0};
    config config = read_config(lf_config(), &problems);
    if (problems.length) return lf_fail_config(problems);
    lf_table table = lf_open_table(LF_LIT("table"));
    lf_field_list used = used_fields(&config, lf_table_schema(table), &problems);
    if (problems.length) return lf_fail_config(problems);
    lf_text *names = lf_alloc(used.length * sizeof *names);
    for (size_t i = 0; i < used.length; i++) names[i] = used.at[i].name;
    uint64_t rows = lf_table_rows(table), kept = 0;
    size_t width = used.length;
    if (rows > SIZE_MAX / sizeof(double) / width) return lf_fail_data("%llu rows are too many to keep", (unsigned long long)rows);
    double *values = lf_alloc((size_t)rows * width * sizeof *values + 1);
    lf_scan *scan = lf_scan_columns(table, names, width, 0);
    for (const lf_rows *batch; (batch = lf_next(scan));) kept += whole_rows(batch, values + kept * width);
    if (kept < config.neighbours)
        return lf_fail_data("of %llu rows %llu have every value, and %u neighbours were asked for", (unsigned long long)rows,
                            (unsigned long long)kept, config.neighbours);
    lf_field_list features = {used.at + 1, width - 1};
    fitted->state = lf_start_blob();
    write_head(fitted->state, config.neighbours, &features, kept);
    lf_blob_write(fitted->state, values, (size_t)kept * width * sizeof *values);
    lf_metric("train_rows", (double)kept);
    lf_metric("left_out_rows", (double)(rows - kept));
    schemas(&config, &used, &fitted->takes, &fitted->gives);
    return NULL;
}

/* -- scoring -- */

static state model;

static lf_text load(lf_bytes bytes) { return read_state(bytes, &model); }

typedef struct {
    double distance, target;
} neighbour;

/* The mean target of the training rows nearest to `point`; of rows at the same distance those that come first in training. */
static double nearest(const double *point) {
    static neighbour found[MOST_NEIGHBOURS];
    size_t count = 0;
    const double *row = model.values;
    for (size_t i = 0; i < model.rows; i++, row += model.width + 1) {
        double distance = 0;
        for (size_t at = 0; at < model.width; at++) {
            double step = point[at] - row[at + 1];
            distance += step * step;
        }
        if (count == model.neighbours && distance >= found[count - 1].distance) continue;
        size_t place = count < model.neighbours ? count++ : count - 1;
        for (; place && found[place - 1].distance > distance; place--) found[place] = found[place - 1];
        found[place] = (neighbour){distance, row[0]};
    }
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += found[i].target;
    return sum / (double)count;
}

static lf_text score(const lf_rows *rows, lf_column_list *columns) {
    if (rows->width != model.width) return lf_format("there are %zu columns, not %zu", rows->width, model.width);
    double *features = lf_alloc(rows->count * model.width * sizeof *features);
    for (size_t at = 0; at < model.width; at++) {
        char format[2] = {model.formats[at], 0};
        lf_as_f64(rows, at, format, features + at * rows->count);
    }
    double *answers = lf_alloc(rows->count * sizeof *answers), *point = lf_alloc(model.width * sizeof *point);
    uint8_t *bits = lf_alloc((rows->count + 7) / 8);
    for (uint32_t row = 0; row < rows->count; row++) {
        bool whole = true;
        for (size_t at = 0; at < model.width; at++) {
            point[at] = features[at * rows->count + row];
            whole = whole && isfinite(point[at]);
        }
        if (!whole) continue;
        answers[row] = nearest(point);
        bits[row >> 3] |= (uint8_t)(1u << (row & 7));
    }
    LF_ADD(columns, lf_column_of_f64(answers, rows->count, (lf_nulls){bits}));
    return LF_LIT("");
}

LF_TRAIN(check, fit)
LF_SCORE(load, score)
