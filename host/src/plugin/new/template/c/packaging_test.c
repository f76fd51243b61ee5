#include <double.h>
#include <string.h>

extern const lf_packaging_plugin lf_plugin_packaging;

int main(void) {
    lfd_reset();
    lfd_config("{\"title\": \"Birds\"}");
    const char *inputs[] = {"document", "lineage", "model", "step-1.scorer", "step-1.state"};
    for (size_t i = 0; i < 5; i++) lfd_add_blob(inputs[i], inputs[i], strlen(inputs[i]));
    lf_artifact artifact = {0};
    LFD_CHECK(lf_plugin_packaging.run(&artifact) == NULL);
    LFD_CHECK(artifact.layers.length == 3);
    const char *parts[] = {"document", "scorer", "state"};
    for (size_t i = 0; i < 3; i++) LFD_SAME(artifact.layers.at[i].annotations.at[0].value, parts[i]);
    return lfd_failures > 0;
}
