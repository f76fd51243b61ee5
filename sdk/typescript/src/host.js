// The host's interfaces as a stage has them.

export * as job from 'lockflight:stage/job@0.1.0';
export { TableWriter } from 'lockflight:data/tables@0.1.0';
export { BlobWriter } from 'lockflight:data/blobs@0.1.0';
