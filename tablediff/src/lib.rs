//! What differs between two versions of a table, by key, in bounded memory.
