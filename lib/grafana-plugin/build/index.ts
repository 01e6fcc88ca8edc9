/** Makes dist/ of a Grafana plugin: executables that need no Node on the machine, and the frontend. */
export { type BuildOptions, type BuiltPlugin, buildPlugin, type Runtime } from './build-plugin.ts';
export { PluginBuildError } from './errors.ts';
export { PluginJson } from './plugin-json.ts';
export { isTarget, ownTarget, type Target, targets } from './targets.ts';
