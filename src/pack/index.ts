/** Packed charms: made from this project, and unpacked to be run. */
export { type Architecture, architectures, ownArchitecture } from './architecture.ts';
export { type NodeRuntime, nodeRuntime } from './node-runtime.ts';
export { charmFileName, limitBytes, type PackedCharm, pack } from './pack.ts';
export { unpackCharm } from './unzip.ts';
