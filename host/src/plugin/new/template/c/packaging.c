/* Packs what applies a model: its document, and the scorer and state of each step. */
#include <lockflight.h>
#include <string.h>

static void check(lf_port_list *ports, lf_problem_list *problems) {
    (void)ports;
    lf_need_text(lf_config(), "title", problems);
    LF_ONLY_KEYS(lf_config(), problems, "title");
    lf_need_input("model", LF_PORT_KIND_BLOB, problems);
    lf_need_input("document", LF_PORT_KIND_BLOB, problems);
}

/* Copies an input. */
static lf_blob_writer content(lf_text name) {
    lf_bytes bytes = lf_blob_read_all(lf_open_blob(name));
    lf_blob_writer blob = lf_start_blob();
    lf_blob_write(blob, bytes.at, bytes.length);
    lf_free_bytes(bytes);
    return blob;
}

static lf_pair pair(const char *key, lf_text value) { return (lf_pair){lf_string(key), value}; }

static const lf_failure *run(lf_artifact *artifact) {
    lf_problem_list problems = {0};
    artifact->artifact_type = LF_LIT("application/vnd.{{name}}.model.v1");
    artifact->config_type = LF_LIT("application/json");
    artifact->config = content(LF_LIT("model"));
    LF_ADD(&artifact->annotations, pair("org.opencontainers.image.title", lf_need_text(lf_config(), "title", &problems)));
    /* The inputs are sorted: `document`, then `step-1.scorer`, `step-1.state` and so on. */
    lf_input_list inputs = lf_inputs();
    for (size_t i = 0; i < inputs.length; i++) {
        lf_text name = inputs.at[i].port.name, part = name;
        bool is_step = name.length > 5 && !memcmp(name.at, "step-", 5);
        if (!is_step && !lf_is(name, "document")) continue;
        for (size_t at = 0; at < name.length; at++)
            if (name.at[at] == '.') part = (lf_text){name.at + at + 1, name.length - at - 1};
        lf_layer layer = {.media_type = LF_LIT("application/octet-stream"), .content = content(name)};
        /* The host finds the parts of the model by the annotation. */
        LF_ADD(&layer.annotations, pair("dev.lockflight.part", part));
        LF_ADD(&artifact->layers, layer);
    }
    return NULL;
}

LF_PACKAGING(check, run)
