// Lets Node resolve the host's interface to the one that stands in for it.

import { register } from 'node:module';

const fake = new URL('./fake-host.js', import.meta.url).href;
const hook = `export const resolve = (name, context, next) =>
  name.startsWith('lockflight:') ? { url: ${JSON.stringify(fake)}, shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
