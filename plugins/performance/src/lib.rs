//! Measures a model on each window of labelled rows, against limits.
