//! Bodies of the Open Inference Protocol v2 over Arrow record batches.
