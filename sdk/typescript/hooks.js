// Node's hooks behind register.js; they run on a thread of their own.

import { readFileSync, readdirSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = { 'lockflight': './lockflight.js', 'lockflight/testing': './testing.js' };

/** Finds the SDK beside this file. */
export function resolve(name, context, next) {
  return Object.hasOwn(PACKAGES, name) ? next(new URL(PACKAGES[name], import.meta.url).href, context) : next(name, context);
}

/** Reads TypeScript as JavaScript. */
export function load(url, context, next) {
  if (!/\.m?ts$/.test(url)) return next(url, context);
  return { format: 'module', source: stripped(readFileSync(fileURLToPath(url), 'utf8')), shortCircuit: true };
}

function stripped(source) {
  if (module.stripTypeScriptTypes !== undefined) return module.stripTypeScriptTypes(source);
  return esbuild().transformSync(source, { loader: 'ts', format: 'esm', sourcemap: 'inline' }).code;
}

function esbuild() {
  const tools = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lockflight/tools');
  for (const name of readdirSync(tools).filter(name => name.startsWith('componentize-qjs-') && !name.endsWith('.lock'))) {
    try {
      return createRequire(join(tools, name, 'package.json'))('esbuild');
    } catch {
      // An installation that was broken off; there may be another.
    }
  }
  throw new Error(`this Node cannot read TypeScript (22.13 can), and there is no esbuild in ${tools}: build a JavaScript plugin once`);
}
