// The host's interfaces as a scorer has them: none.

export const job = null, TableWriter = null, BlobWriter = null;
