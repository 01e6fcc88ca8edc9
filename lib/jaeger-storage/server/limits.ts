/**
 * Longest request that is taken. Batches have no limit of their own in Jaeger 2.x, and clients send tags of 10 MB; the
 * limit of gRPC, 4 MiB, is passed in practice.
 */
export const maxReceiveMessageBytes = 64 * 1024 * 1024;
