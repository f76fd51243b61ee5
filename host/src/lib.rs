//! lockflight: the MLOps lifecycle as a flight of sealed chambers.
