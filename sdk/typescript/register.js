// For tests on Node: lets it find the package `lockflight` without installing it, and read TypeScript. Import it first, and what needs
// it with `await import(…)`. TypeScript's types are stripped by Node where it can (22.13 and later), else by the esbuild that
// `lockflight plugin build` installed.

import { register } from 'node:module';

register('./hooks.js', import.meta.url);
