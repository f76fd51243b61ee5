// Packs what applies a model: its document, and the scorer and state of each step.
import { BlobWriter, object, packaging, text } from 'lockflight';

export const packager = packaging({
  config: object({ title: text({ minLength: 1, description: 'What to call the artifact.' }) }),

  check(job) {
    job.input('model');
    job.input('document');
    return [];
  },

  run(job) {
    /** @param {string} name */
    const content = name => new BlobWriter(job.blob(name).read());
    // The inputs are sorted: `document`, then `step-1.scorer`, `step-1.state` and so on. The host finds the parts by the annotation.
    const parts = job.inputs.map(input => input.name).filter(name => name === 'document' || name.startsWith('step-'));
    return {
      artifactType: 'application/vnd.{{name}}.model.v1',
      configType: 'application/json',
      config: content('model'),
      layers: parts.map(name => ({
        mediaType: 'application/octet-stream',
        content: content(name),
        annotations: { 'dev.lockflight.part': name.split('.').at(-1) ?? name },
      })),
      annotations: { 'org.opencontainers.image.title': job.config.title },
    };
  },
});
